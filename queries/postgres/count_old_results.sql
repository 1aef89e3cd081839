-- How many rows of results lie before the floor?
-- params: floor timestamptz
-- returns: bytes bigint, bytes_hourly bigint, user_quota_limit bigint
SELECT
    (SELECT count(*) FROM public.bytes WHERE timestamp < $1::timestamptz) AS bytes,
    (SELECT count(*) FROM public.bytes_hourly WHERE timestamp < $1::timestamptz) AS bytes_hourly,
    (SELECT count(*) FROM public.user_quota_limit WHERE timestamp < $1::timestamptz) AS user_quota_limit
