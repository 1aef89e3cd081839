-- Deletes a lot of the hourly totals of an hour; the index finds them, and no other row is touched or locked.
-- params: hour timestamptz (its start), most bigint
-- returns: n_rows bigint, at most `most`
WITH gone AS (
    DELETE FROM public.bytes_hourly
    WHERE ctid = ANY(ARRAY(
        SELECT old.ctid
        FROM public.bytes_hourly AS old
        WHERE old.timestamp >= $1::timestamptz
            AND old.timestamp < $1::timestamptz + interval '1 hour'
        LIMIT $2::bigint
    ))
    RETURNING 1
)
SELECT count(*) AS n_rows FROM gone
