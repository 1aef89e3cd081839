-- Takes an hour's file lock, exclusive, where nobody else holds it: until the end of the transaction.
-- params: $1 integer lock class, $2 integer hours since 1970
-- returns: locked boolean
SELECT pg_try_advisory_xact_lock($1::integer, $2::integer) AS locked
