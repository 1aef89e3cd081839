-- What does the lake hold of each hour, and what did the last batch run of it count?
-- params: oldest timestamptz (null: every hour)
-- returns: hour timestamptz, n_files bigint, n_rows bigint, sum_bytes bigint, and null where there is no run:
--   run_rows bigint, run_bytes bigint, partial boolean, unmanaged boolean, finished_at timestamptz
SELECT
    coalesce(held.hour, run.hour) AS hour,
    coalesce(held.n_files, 0)::bigint AS n_files,
    coalesce(held.n_rows, 0)::bigint AS n_rows,
    coalesce(held.sum_bytes, 0)::bigint AS sum_bytes,
    run.n_rows AS run_rows,
    run.sum_bytes AS run_bytes,
    run.partial,
    run.unmanaged,
    run.finished_at
FROM (
    SELECT
        file.hour,
        count(*) AS n_files,
        sum(file.n_rows)::bigint AS n_rows,
        sum(file.sum_bytes)::bigint AS sum_bytes
    FROM antennactl.lake_file AS file
    WHERE file.removed_at IS NULL
    GROUP BY file.hour
) AS held
FULL JOIN antennactl.batch_run AS run ON run.hour = held.hour
WHERE coalesce(held.hour, run.hour) >= coalesce($1::timestamptz, '-infinity')
ORDER BY 1
