-- Drops what upsert_users read, so that the same session can provision again.
-- params: none
-- returns: nothing
DROP TABLE pg_temp.given_users
