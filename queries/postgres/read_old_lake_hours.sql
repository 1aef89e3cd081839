-- Which hours of the lake lie before the floor, and what do their files hold?
-- params: floor timestamptz
-- returns: hour timestamptz, n_files bigint, n_rows bigint, is_published boolean
SELECT
    file.hour,
    count(*) AS n_files,
    sum(file.n_rows)::bigint AS n_rows,
    bool_and(file.published_at IS NOT NULL) AS is_published
FROM antennactl.lake_file AS file
WHERE file.hour < $1::timestamptz
    AND file.removed_at IS NULL
GROUP BY file.hour
ORDER BY file.hour
