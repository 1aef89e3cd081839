-- How long after the end of their hour were the events of a range of hours committed?
-- params: first timestamptz, past timestamptz (the first moment after),
--   edges_s double precision[] (upper ends of the delays in seconds, included; a longer one is in one more)
-- returns: delay bigint (number of the delay, from 0), n_rows bigint
SELECT
    (
        SELECT count(*)
        FROM unnest($3::double precision[]) AS upper_end (edge_s)
        WHERE writer.committed_at > file.hour + interval '1 hour' + make_interval(secs => upper_end.edge_s)
    ) AS delay,
    sum(file.n_rows)::bigint AS n_rows
FROM antennactl.lake_file AS file
JOIN antennactl.micro_batch AS writer ON writer.batch_id = file.batch_id
WHERE file.hour >= $1::timestamptz AND file.hour < $2::timestamptz
GROUP BY 1
ORDER BY 1
