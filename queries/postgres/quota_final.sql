-- Which users had used at least a share of their quota in an hour, by its batch run? Users over it are those that the run
-- listed, with the quota that counted then; of the others no more is kept than their use, so the quota of now stands in.
-- params: hour timestamptz (its start), share text (a decimal number), most bigint (null: all)
-- returns: email text, usage bigint, quota bigint, share double precision (null: the quota is 0), over boolean,
--   n_users bigint (listed or not)
WITH decided AS (
    SELECT listed.email, listed.usage, listed.quota, true AS over
    FROM public.user_quota_limit AS listed
    WHERE listed.timestamp = $1::timestamptz
),
used AS (
    SELECT users.email, hourly.value AS usage, users.quota, false AS over
    FROM public.bytes_hourly AS hourly
    JOIN public.user_metadata AS users ON users.id = hourly.id
    WHERE hourly.timestamp = $1::timestamptz
        AND hourly.type = 'user_total_bytes'
        AND CASE WHEN users.quota > 0 THEN hourly.value >= $2::text::numeric * users.quota ELSE hourly.value > users.quota END
),
found AS (
    SELECT decided.*
    FROM decided
    WHERE decided.quota <= 0 OR decided.usage >= $2::text::numeric * decided.quota
    UNION ALL
    SELECT used.*
    FROM used
    WHERE NOT EXISTS (
        SELECT FROM decided WHERE decided.usage = used.usage AND coalesce(decided.email, '') = coalesce(used.email, '')
    )
)
SELECT
    found.email,
    found.usage,
    found.quota,
    found.usage / nullif(found.quota, 0)::double precision AS share,
    found.over,
    count(*) OVER () AS n_users
FROM found
ORDER BY share DESC NULLS FIRST, found.usage DESC, found.email
LIMIT $3::bigint
