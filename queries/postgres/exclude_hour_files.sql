-- Holds an hour's file lock alone until the transaction ends; waits for everybody who shares it.
-- params: class integer, hour_number integer
-- returns: held text
SELECT pg_advisory_xact_lock($1::integer, $2::integer)::text AS held
