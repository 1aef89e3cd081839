-- Which live files make up an hour, with what they must be found to hold?
-- params: hour timestamptz (its start)
-- returns: path text, stage_path text or null, n_rows bigint, sum_bytes bigint, sha256 text
SELECT path, stage_path, n_rows, sum_bytes, sha256
FROM antennactl.lake_file
WHERE hour = $1::timestamptz AND removed_at IS NULL
ORDER BY path
