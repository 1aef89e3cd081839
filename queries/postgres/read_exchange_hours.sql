-- How many files make up each hour of the lake, and how many of them were made from others?
-- params: folder text (what the staged path of a made file starts with)
-- returns: hour timestamptz, n_files bigint, n_made bigint
SELECT
    file.hour,
    count(*) AS n_files,
    count(*) FILTER (WHERE starts_with(file.stage_path, $1::text)) AS n_made
FROM antennactl.lake_file AS file
WHERE file.removed_at IS NULL
GROUP BY file.hour
ORDER BY file.hour
