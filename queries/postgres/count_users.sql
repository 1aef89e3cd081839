-- How many users are there?
-- params: none
-- returns: n_users bigint
SELECT count(*) AS n_users
FROM public.user_metadata
