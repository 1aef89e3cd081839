-- Which value is stored under a name?
-- params: name text
-- returns: value text; no row where nothing is stored
SELECT setting.value
FROM antennactl.setting
WHERE setting.name = $1::text
