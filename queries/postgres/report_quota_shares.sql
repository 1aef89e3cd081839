-- How many users used which share of their quota in each of these hours?
-- params: final_hours timestamptz[] (read from bytes_hourly), open_hours timestamptz[] (summed from bytes),
--   edges double precision[] (upper ends of the shares, included; a share above the last is in one more)
-- returns: hour timestamptz, share bigint (number of the share, from 0), n_users bigint
WITH used AS (
    SELECT final.hour, hourly.id, hourly.value
    FROM unnest($1::timestamptz[]) AS final (hour)
    JOIN public.bytes_hourly AS hourly ON hourly.timestamp = final.hour
    WHERE hourly.type = 'user_total_bytes'
    UNION ALL
    SELECT open.hour, live.id, sum(live.value)::bigint AS value
    FROM unnest($2::timestamptz[]) AS open (hour)
    JOIN public.bytes AS live ON live.timestamp >= open.hour AND live.timestamp < open.hour + interval '1 hour'
    WHERE live.type = 'user_total_bytes'
    GROUP BY open.hour, live.id
)
SELECT
    used.hour,
    (
        SELECT count(*)
        FROM unnest($3::double precision[]) AS upper_end (edge)
        WHERE used.value > upper_end.edge * users.quota
    ) AS share,
    count(*) AS n_users
FROM used
JOIN public.user_metadata AS users ON users.id = used.id
WHERE users.quota IS NOT NULL
GROUP BY 1, 2
ORDER BY 1, 2
