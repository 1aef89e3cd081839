-- Stores a value under a name, in place of what was there.
-- params: name text, value text
-- returns: nothing
INSERT INTO antennactl.setting (name, value)
VALUES ($1::text, $2::text)
ON CONFLICT (name) DO UPDATE SET value = excluded.value
