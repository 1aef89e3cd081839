-- Which is the oldest hour that has results, if it lies before the floor?
-- params: floor timestamptz, after timestamptz (null: of all hours)
-- returns: hour timestamptz or null
SELECT date_bin(
    '1 hour',
    least(
        (SELECT min(timestamp) FROM public.bytes
            WHERE timestamp < $1::timestamptz AND timestamp >= coalesce($2::timestamptz, '-infinity')),
        (SELECT min(timestamp) FROM public.bytes_hourly
            WHERE timestamp < $1::timestamptz AND timestamp >= coalesce($2::timestamptz, '-infinity')),
        (SELECT min(timestamp) FROM public.user_quota_limit
            WHERE timestamp < $1::timestamptz AND timestamp >= coalesce($2::timestamptz, '-infinity'))
    ),
    timestamptz '2000-01-01 00:00:00+00'
) AS hour
