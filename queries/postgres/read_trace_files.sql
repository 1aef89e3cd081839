-- Which files make up an hour of the lake, and which micro-batch made each of them?
-- params: hour timestamptz (its start)
-- returns: path text, stage_path text or null, batch_id text (null: compacted)
SELECT file.path, file.stage_path, file.batch_id::text AS batch_id
FROM antennactl.lake_file AS file
WHERE file.hour = $1::timestamptz
    AND file.removed_at IS NULL
ORDER BY file.path
