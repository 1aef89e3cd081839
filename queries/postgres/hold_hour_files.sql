-- Waits for an hour's file lock, shared, until it is given back or the session ends.
-- params: $1 integer lock class, $2 integer hours since 1970
-- returns: one row without content
SELECT pg_advisory_lock_shared($1::integer, $2::integer)::text AS locked
