-- Quota use per user and hour while the hour runs, from the live totals. The hours are found by hopping along the
-- index, so that a filter on `hour` reads that hour's windows alone, however long the history.
CREATE OR REPLACE VIEW public.user_quota_live AS
WITH RECURSIVE hours (hour) AS (
    SELECT date_bin('1 hour', min(timestamp), timestamptz '2000-01-01 00:00:00+00') FROM public.bytes
    UNION ALL
    SELECT (
        SELECT date_bin('1 hour', min(later.timestamp), timestamptz '2000-01-01 00:00:00+00')
        FROM public.bytes AS later
        WHERE later.timestamp >= hours.hour + interval '1 hour'
    )
    FROM hours
    WHERE hours.hour IS NOT NULL
)
SELECT
    users.email,
    live.usage,
    users.quota,
    round(live.usage / nullif(users.quota, 0)::numeric, 4) AS share,
    hours.hour
FROM hours
CROSS JOIN LATERAL (
    SELECT windows.id, sum(windows.value)::bigint AS usage
    FROM public.bytes AS windows
    WHERE windows.type = 'user_total_bytes'
        AND windows.timestamp >= hours.hour
        AND windows.timestamp < hours.hour + interval '1 hour'
    GROUP BY windows.id
) AS live
JOIN public.user_metadata AS users ON users.id = live.id
WHERE hours.hour IS NOT NULL;
