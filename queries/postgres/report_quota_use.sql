-- Which users used most of their quota in each of these hours? Users without a quota are left out.
-- params: final_hours timestamptz[] (read from bytes_hourly), open_hours timestamptz[] (summed from bytes),
--   most bigint (users an hour)
-- returns: hour timestamptz, name text, email text, usage bigint, quota bigint
SELECT hours.hour, worst.name, worst.email, worst.usage, worst.quota
FROM (
    SELECT final.hour, true AS is_final FROM unnest($1::timestamptz[]) AS final (hour)
    UNION ALL
    SELECT open.hour, false FROM unnest($2::timestamptz[]) AS open (hour)
) AS hours
CROSS JOIN LATERAL (
    SELECT users.name, users.email, used.value AS usage, users.quota,
        used.value / greatest(users.quota::double precision, 0.5) AS share, users.id
    FROM (
        SELECT hourly.id, hourly.value
        FROM public.bytes_hourly AS hourly
        WHERE hours.is_final AND hourly.timestamp = hours.hour AND hourly.type = 'user_total_bytes'
        UNION ALL
        SELECT live.id, sum(live.value)::bigint AS value
        FROM public.bytes AS live
        WHERE NOT hours.is_final
            AND live.timestamp >= hours.hour
            AND live.timestamp < hours.hour + interval '1 hour'
            AND live.type = 'user_total_bytes'
        GROUP BY live.id
    ) AS used
    JOIN public.user_metadata AS users ON users.id = used.id
    WHERE users.quota IS NOT NULL
    ORDER BY share DESC, usage DESC, users.id
    LIMIT $3::bigint
) AS worst
ORDER BY hours.hour, worst.share DESC, worst.usage DESC, worst.id
