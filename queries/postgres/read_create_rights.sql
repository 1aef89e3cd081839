-- May this role create the schemas and tables?
-- params: none
-- returns: role text, in_database boolean, in_public boolean
SELECT
    current_user::text AS role,
    has_database_privilege(current_database(), 'CREATE') AS in_database,
    has_schema_privilege('public', 'CREATE') AS in_public
