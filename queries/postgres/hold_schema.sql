-- Holds the lock of the schema, waiting for another provision, beyond the transaction.
-- params: lock integer, part integer
-- returns: one row without meaning
SELECT pg_advisory_lock($1::integer, $2::integer)::text AS held
