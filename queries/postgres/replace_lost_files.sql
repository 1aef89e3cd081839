-- Takes lost or broken files off the list of what makes up the lake: another file has their rows.
-- params: paths text[]
-- returns: nothing
UPDATE antennactl.lake_file
SET removed_at = clock_timestamp(), removed_by = 'rebuild'
WHERE path = ANY($1::text[]) AND removed_at IS NULL
