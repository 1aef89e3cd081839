-- Waits for an hour's file lock, shared, until the end of the transaction.
-- params: $1 integer lock class, $2 integer hours since 1970
-- returns: one row without content
SELECT pg_advisory_xact_lock_shared($1::integer, $2::integer)::text AS locked
