-- Which files make up an hour of the lake?
-- params: hour timestamptz (its start)
-- returns: path text, stage_path text or null, n_rows bigint, sum_bytes bigint
SELECT file.path, file.stage_path, file.n_rows, file.sum_bytes
FROM antennactl.lake_file AS file
WHERE file.hour = $1::timestamptz
    AND file.removed_at IS NULL
ORDER BY file.path
