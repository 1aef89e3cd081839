-- Gives back every session-level advisory lock of this session.
-- params: none
-- returns: one row without content
SELECT pg_advisory_unlock_all()::text AS released
