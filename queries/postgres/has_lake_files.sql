-- Does the ledger know of files in a lake?
-- params: none
-- returns: has_lake_files boolean
SELECT EXISTS (SELECT FROM antennactl.lake_file WHERE removed_at IS NULL) AS has_lake_files
