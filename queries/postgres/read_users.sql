-- Who are the users, as far as the stream needs them?
-- params: none
-- returns: id text, quota bigint (-1: a user without a quota)
SELECT id, coalesce(quota, -1) AS quota FROM public.user_metadata
