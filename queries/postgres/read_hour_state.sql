-- What does the lake hold of an hour, and what did its last batch run count?
-- params: hour timestamptz (its start)
-- returns: one row: hour timestamptz, n_files bigint, n_rows bigint, sum_bytes bigint, and null where there is no run:
--   run_rows bigint, run_bytes bigint, partial boolean, unmanaged boolean, finished_at timestamptz
SELECT
    held.hour,
    held.n_files,
    held.n_rows,
    held.sum_bytes,
    run.n_rows AS run_rows,
    run.sum_bytes AS run_bytes,
    run.partial,
    run.unmanaged,
    run.finished_at
FROM (
    SELECT
        $1::timestamptz AS hour,
        count(*) AS n_files,
        coalesce(sum(file.n_rows), 0)::bigint AS n_rows,
        coalesce(sum(file.sum_bytes), 0)::bigint AS sum_bytes
    FROM antennactl.lake_file AS file
    WHERE file.hour = $1::timestamptz AND file.removed_at IS NULL
) AS held
LEFT JOIN antennactl.batch_run AS run ON run.hour = held.hour
