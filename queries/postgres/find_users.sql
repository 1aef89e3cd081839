-- Which users have this id, e-mail or name?
-- params: wanted text
-- returns: id text, name text, email text, quota bigint, matched text (id, email or name, the best of them); the best first
SELECT
    users.id,
    users.name,
    users.email,
    users.quota,
    CASE WHEN users.id = $1::text THEN 'id' WHEN users.email = $1::text THEN 'email' ELSE 'name' END AS matched
FROM public.user_metadata AS users
WHERE users.id = $1::text OR users.email = $1::text OR users.name = $1::text
ORDER BY (users.id = $1::text) DESC NULLS LAST, (users.email = $1::text) DESC NULLS LAST, users.id
LIMIT 11
