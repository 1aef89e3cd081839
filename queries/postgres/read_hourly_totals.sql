-- What do the hourly totals say, largest first within an hour and type?
-- params: none
-- returns: hour timestamptz, type text, id text, value bigint
SELECT timestamp AS hour, type, id, value
FROM public.bytes_hourly
ORDER BY hour, type, value DESC, id
