-- Removes an hour's totals, before new ones take their place.
-- params: hour timestamptz (its start)
-- returns: nothing
DELETE FROM public.bytes_hourly WHERE timestamp = $1::timestamptz
