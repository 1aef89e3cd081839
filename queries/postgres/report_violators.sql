-- Which users were furthest over their quota in a range of hours, how often, and how many were over at all?
-- params: first timestamptz, past timestamptz (the first moment after), most bigint
-- returns: name text (null: no such user now), email text, n_hours bigint, hour timestamptz (the worst), usage bigint,
--   quota bigint, n_violators bigint (listed or not)
WITH over AS (
    SELECT
        listed.email,
        count(DISTINCT listed.timestamp) AS n_hours,
        (array_agg(listed.timestamp ORDER BY listed.usage / greatest(listed.quota, 0.5) DESC, listed.timestamp))[1] AS hour,
        (array_agg(listed.usage ORDER BY listed.usage / greatest(listed.quota, 0.5) DESC, listed.timestamp))[1] AS usage,
        (array_agg(listed.quota ORDER BY listed.usage / greatest(listed.quota, 0.5) DESC, listed.timestamp))[1] AS quota
    FROM public.user_quota_limit AS listed
    WHERE listed.timestamp >= $1::timestamptz AND listed.timestamp < $2::timestamptz
    GROUP BY listed.email
),
worst AS MATERIALIZED (
    SELECT over.*, count(*) OVER () AS n_violators
    FROM over
    ORDER BY over.usage / greatest(over.quota, 0.5) DESC, over.usage DESC, over.email
    LIMIT $3::bigint
),
named AS (
    SELECT users.email, min(users.name) AS name
    FROM public.user_metadata AS users
    WHERE users.email IN (SELECT worst.email FROM worst)
    GROUP BY users.email
)
SELECT named.name, worst.email, worst.n_hours, worst.hour, worst.usage, worst.quota, worst.n_violators
FROM worst
LEFT JOIN named ON named.email = worst.email
ORDER BY worst.usage / greatest(worst.quota, 0.5) DESC, worst.usage DESC, worst.email
