-- Which files of an hour are no longer part of the lake?
-- params: hour timestamptz (its start)
-- returns: path text
SELECT file.path
FROM antennactl.lake_file AS file
WHERE file.hour = $1::timestamptz
    AND file.removed_at IS NOT NULL
ORDER BY file.path
