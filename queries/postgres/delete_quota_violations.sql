-- Removes an hour's users over quota, before new ones take their place.
-- params: hour timestamptz (its start)
-- returns: nothing
DELETE FROM public.user_quota_limit WHERE timestamp = $1::timestamptz
