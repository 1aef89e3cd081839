-- Which committed lake files are not known to stand in the lake yet? All of them, or those of some hours.
-- params: hours timestamptz[] (null: every hour)
-- returns: path text, stage_path text, hour timestamptz, n_rows bigint, sum_bytes bigint, sha256 text
SELECT path, stage_path, hour, n_rows, sum_bytes, sha256
FROM antennactl.lake_file
WHERE published_at IS NULL
    AND removed_at IS NULL
    AND ($1::timestamptz[] IS NULL OR hour = ANY($1::timestamptz[]))
ORDER BY hour, path
