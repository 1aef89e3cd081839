-- What does the ledger say of these paths now?
-- params: paths text[]
-- returns: path text, removed_by text (null: a live file); no row for a path that it does not know
SELECT
    path,
    CASE WHEN removed_at IS NOT NULL THEN coalesce(removed_by, 'removed') END AS removed_by
FROM antennactl.lake_file
WHERE path = ANY($1::text[])
