-- What do the live totals say of one antenna, user or app in these windows?
-- params: starts timestamptz[], id text, type text
-- returns: timestamp timestamptz, value bigint
SELECT live.timestamp, live.value
FROM public.bytes AS live
WHERE live.timestamp = ANY($1::timestamptz[])
    AND live.id = $2::text
    AND live.type = $3::text
ORDER BY live.timestamp
