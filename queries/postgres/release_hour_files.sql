-- Gives back an hour's file lock that this session holds, shared.
-- params: $1 integer lock class, $2 integer hours since 1970
-- returns: released boolean
SELECT pg_advisory_unlock_shared($1::integer, $2::integer) AS released
