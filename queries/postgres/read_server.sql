-- Which server, database and role is this, and what time is it there?
-- params: none
-- returns: server_version text, database text, role text, clock timestamptz
SELECT
    current_setting('server_version') AS server_version,
    current_database()::text AS database,
    current_user::text AS role,
    clock_timestamp() AS clock
