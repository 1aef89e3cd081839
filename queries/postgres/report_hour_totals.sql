-- Which keys of a type had the most bytes in these hours, hour by hour, and what had the others together?
-- params: type text, final_hours timestamptz[] (read from bytes_hourly), open_hours timestamptz[] (summed from bytes),
--   most bigint (keys by name)
-- returns: hour timestamptz, rank bigint (most + 1: the others), id text (null: the others), value bigint,
--   n_ids bigint (keys that were summed)
WITH totals AS MATERIALIZED (
    SELECT final.hour, hourly.id, hourly.value::numeric AS value
    FROM unnest($2::timestamptz[]) AS final (hour)
    JOIN public.bytes_hourly AS hourly ON hourly.timestamp = final.hour
    WHERE hourly.type = $1::text
    UNION ALL
    SELECT open.hour, live.id, sum(live.value) AS value
    FROM unnest($3::timestamptz[]) AS open (hour)
    JOIN public.bytes AS live ON live.timestamp >= open.hour AND live.timestamp < open.hour + interval '1 hour'
    WHERE live.type = $1::text
    GROUP BY open.hour, live.id
),
ranked AS (
    SELECT totals.id, least(row_number() OVER (ORDER BY sum(totals.value) DESC, totals.id), $4::bigint + 1) AS rank
    FROM totals
    GROUP BY totals.id
)
SELECT
    totals.hour,
    ranked.rank,
    CASE WHEN ranked.rank <= $4::bigint THEN min(totals.id) END AS id,
    sum(totals.value)::bigint AS value,
    count(*) AS n_ids
FROM totals
JOIN ranked ON ranked.id = totals.id
GROUP BY totals.hour, ranked.rank
ORDER BY ranked.rank, totals.hour
