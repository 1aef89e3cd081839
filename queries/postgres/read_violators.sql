-- Which users were over their quota, in which hour?
-- params: none
-- returns: hour timestamptz, email text, usage bigint, quota bigint
SELECT timestamp AS hour, email, usage, quota
FROM public.user_quota_limit
ORDER BY hour, usage DESC, email
