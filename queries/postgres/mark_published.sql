-- Notes that committed lake files stand in the lake.
-- params: paths text[]
-- returns: nothing
UPDATE antennactl.lake_file
SET published_at = coalesce(published_at, clock_timestamp())
WHERE path = ANY($1::text[])
