-- Which files were ever committed to the lake, and why is one no longer part of it?
-- params: none
-- returns: path text, stage_path text, hour timestamptz, n_rows bigint, sum_bytes bigint, sha256 text,
--   batch_id text, published boolean, removed_by text (null: a live file)
SELECT
    path,
    stage_path,
    hour,
    n_rows,
    sum_bytes,
    sha256,
    batch_id::text AS batch_id,
    published_at IS NOT NULL AS published,
    CASE WHEN removed_at IS NOT NULL THEN coalesce(removed_by, 'removed') END AS removed_by
FROM antennactl.lake_file
ORDER BY hour, path
