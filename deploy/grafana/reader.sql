-- The login that Grafana reads with, as psql runs it after queries/postgres/roles/roles.sql: $READER_PASSWORD is its
-- password. Twice is the same as once.
\getenv password READER_PASSWORD
SELECT 'CREATE ROLE grafana LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'grafana') \gexec
ALTER ROLE grafana PASSWORD :'password';
GRANT antennactl_reader TO grafana;
