-- Stores the oldest hour kept; one that is newer stays. Each hour that was let go must stay gone.
-- params: name text, floor text (ISO 8601)
-- returns: value text, the floor from now on; nothing where the newer one stays
INSERT INTO antennactl.setting AS stored (name, value)
VALUES ($1::text, $2::text)
ON CONFLICT (name) DO UPDATE SET value = excluded.value
WHERE stored.value::timestamptz < excluded.value::timestamptz
RETURNING stored.value
