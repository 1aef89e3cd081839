-- Takes files off the list of what makes up the lake: one file with all their rows follows.
-- params: paths text[]
-- returns: nothing
UPDATE antennactl.lake_file
SET removed_at = clock_timestamp(), removed_by = 'compact'
WHERE path = ANY($1::text[])
