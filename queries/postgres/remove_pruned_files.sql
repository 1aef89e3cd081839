-- Takes the published files of an hour off the list of what makes up the lake: they are past retention.
-- params: hour timestamptz (its start)
-- returns: path text, n_rows bigint
UPDATE antennactl.lake_file
SET removed_at = clock_timestamp(), removed_by = 'prune'
WHERE hour = $1::timestamptz
    AND published_at IS NOT NULL
    AND removed_at IS NULL
RETURNING path, n_rows
