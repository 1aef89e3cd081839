-- Takes one of an hour's locks, exclusive, where nobody else holds it: until it is given back or the session ends.
-- params: $1 integer lock class, $2 integer hours since 1970
-- returns: locked boolean
SELECT pg_try_advisory_lock($1::integer, $2::integer) AS locked
