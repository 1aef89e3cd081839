-- Which users have used at least a share of their quota in an hour, by the live totals? Without an allowance any use is.
-- params: hour timestamptz (its start), share text (a decimal number), most bigint (null: all)
-- returns: email text, usage bigint, quota bigint, share double precision (null: the quota is 0), over boolean,
--   n_users bigint (listed or not)
SELECT
    live.email,
    live.usage,
    live.quota,
    live.usage / nullif(live.quota, 0)::double precision AS share,
    live.usage > live.quota AS over,
    count(*) OVER () AS n_users
FROM public.user_quota_live AS live
WHERE live.hour = $1::timestamptz
    AND CASE WHEN live.quota > 0 THEN live.usage >= $2::text::numeric * live.quota ELSE live.usage > live.quota END
ORDER BY share DESC NULLS FIRST, live.usage DESC, live.email
LIMIT $3::bigint
