-- Which hours have a live or an hourly total? Found by hopping along the indexes, however many keys an hour has.
-- params: none
-- returns: hour timestamptz
WITH RECURSIVE live (hour) AS (
    SELECT date_bin('1 hour', min(timestamp), timestamptz '2000-01-01 00:00:00+00') FROM public.bytes
    UNION ALL
    SELECT (
        SELECT date_bin('1 hour', min(later.timestamp), timestamptz '2000-01-01 00:00:00+00')
        FROM public.bytes AS later
        WHERE later.timestamp >= live.hour + interval '1 hour'
    )
    FROM live
    WHERE live.hour IS NOT NULL
),
hourly (hour) AS (
    SELECT date_bin('1 hour', min(timestamp), timestamptz '2000-01-01 00:00:00+00') FROM public.bytes_hourly
    UNION ALL
    SELECT (
        SELECT date_bin('1 hour', min(later.timestamp), timestamptz '2000-01-01 00:00:00+00')
        FROM public.bytes_hourly AS later
        WHERE later.timestamp >= hourly.hour + interval '1 hour'
    )
    FROM hourly
    WHERE hourly.hour IS NOT NULL
)
SELECT hour FROM live WHERE hour IS NOT NULL
UNION
SELECT hour FROM hourly WHERE hour IS NOT NULL
ORDER BY 1
