-- Takes lost or broken files off the list of what makes up the lake, as far as they are on it: others have their rows.
-- params: paths text[]
-- returns: path text
UPDATE antennactl.lake_file
SET removed_at = clock_timestamp(), removed_by = 'rebuild'
WHERE path = ANY($1::text[]) AND removed_at IS NULL
RETURNING path
