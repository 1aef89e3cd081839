-- Is an id of `user_metadata` null or there twice, so that it cannot be the primary key?
-- params: none
-- returns: found boolean
SELECT EXISTS (
    SELECT
    FROM public.user_metadata AS users
    GROUP BY users.id
    HAVING count(*) > 1 OR users.id IS NULL
) AS found
