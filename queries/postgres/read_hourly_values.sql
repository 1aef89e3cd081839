-- What do the hourly totals say of these hours? A user whom a query of one's own named by e-mail has the id here.
-- params: hours timestamptz[], types text[]
-- returns: timestamp timestamptz, id text, value bigint, type text
SELECT
    totals.timestamp,
    coalesce(users.id, totals.id) AS id,
    sum(totals.value)::bigint AS value,
    totals.type
FROM unnest($1::timestamptz[]) AS wanted (hour)
JOIN public.bytes_hourly AS totals
    ON totals.timestamp >= wanted.hour
    AND totals.timestamp < wanted.hour + interval '1 hour'
    AND totals.type = ANY($2::text[])
LEFT JOIN (
    SELECT email, min(id) AS id
    FROM public.user_metadata
    GROUP BY email
) AS users
    ON users.email = totals.id
    AND totals.type = 'user_total_bytes'
GROUP BY totals.timestamp, coalesce(users.id, totals.id), totals.type
