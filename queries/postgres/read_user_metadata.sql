-- Who are the users, and what may they use an hour?
-- params: none
-- returns: id text, name text, email text, quota bigint
SELECT person.id, person.name, person.email, person.quota
FROM public.user_metadata AS person
