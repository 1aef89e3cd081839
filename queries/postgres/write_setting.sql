-- Store a value under a name, in place of what was there.
-- params: $1 name text, $2 value text
-- returns: nothing
INSERT INTO antennactl.setting (name, value)
VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET value = excluded.value;
