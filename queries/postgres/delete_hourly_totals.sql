-- Removes an hour's totals, before new ones take their place.
-- params: $1 timestamptz, start of the hour
-- returns: nothing
DELETE FROM public.bytes_hourly WHERE timestamp = $1::timestamptz
