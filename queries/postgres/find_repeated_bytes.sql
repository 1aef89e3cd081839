-- Is a key of `bytes` null or there twice, so that no unique index can stand on it?
-- params: none
-- returns: found boolean
SELECT EXISTS (
    SELECT
    FROM public.bytes AS total
    GROUP BY total.timestamp, total.id, total.type
    HAVING count(*) > 1
        OR total.timestamp IS NULL OR total.id IS NULL OR total.type IS NULL OR bool_or(total.value IS NULL)
) AS found
