-- How many bytes had these antennas in each bin of time, by the live totals, and what had the others together?
-- params: first timestamptz, past timestamptz (the first moment after), bin_s bigint, ids text[]
-- returns: bin timestamptz (its start), id text (null: the others), value bigint
SELECT
    date_bin(make_interval(secs => $3::bigint), live.timestamp, timestamptz '2000-01-01 00:00:00+00') AS bin,
    CASE WHEN live.id = ANY($4::text[]) THEN live.id END AS id,
    sum(live.value)::bigint AS value
FROM public.bytes AS live
WHERE live.timestamp >= $1::timestamptz
    AND live.timestamp < $2::timestamptz
    AND live.type = 'antenna_total_bytes'
GROUP BY 1, 2
ORDER BY 1, 2
