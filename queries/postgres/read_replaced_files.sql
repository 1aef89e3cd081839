-- Which files of an hour were taken off the list because another file has their rows?
-- params: hour timestamptz (its start)
-- returns: path text
SELECT path FROM antennactl.lake_file WHERE hour = $1::timestamptz AND removed_by = 'rebuild'
