-- How many bytes do the live totals count in an hour, by type?
-- params: hour timestamptz (its start)
-- returns: type text, value bigint
SELECT live.type, sum(live.value)::bigint AS value
FROM public.bytes AS live
WHERE live.timestamp >= $1::timestamptz
    AND live.timestamp < $1::timestamptz + interval '1 hour'
GROUP BY live.type
