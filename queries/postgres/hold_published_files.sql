-- Which of these files still stand in the lake? Holds them as they are until the end of the transaction.
-- params: paths text[]
-- returns: path text
SELECT path
FROM antennactl.lake_file
WHERE path = ANY($1::text[])
    AND published_at IS NOT NULL
    AND removed_at IS NULL
ORDER BY path
FOR UPDATE
