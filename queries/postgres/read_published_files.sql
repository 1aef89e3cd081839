-- Which published files make up an hour of the lake?
-- params: hour timestamptz (its start)
-- returns: path text, n_rows bigint, sum_bytes bigint, sha256 text
SELECT file.path, file.n_rows, file.sum_bytes, file.sha256
FROM antennactl.lake_file AS file
WHERE file.hour = $1::timestamptz
    AND file.published_at IS NOT NULL
    AND file.removed_at IS NULL
ORDER BY file.path
