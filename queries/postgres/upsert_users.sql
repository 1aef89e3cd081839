-- Brings user_metadata to the given users; rows that are the same already are not written.
-- params: none (reads the temporary table given_users: id text, name text, email text, quota bigint)
-- returns: n_inserted bigint, n_updated bigint
WITH written AS (
    INSERT INTO public.user_metadata AS users (id, name, email, quota)
    SELECT given.id, given.name, given.email, given.quota
    FROM pg_temp.given_users AS given
    ORDER BY given.id
    ON CONFLICT (id) DO UPDATE
    SET name = excluded.name, email = excluded.email, quota = excluded.quota
    WHERE (users.name, users.email, users.quota)
        IS DISTINCT FROM (excluded.name, excluded.email, excluded.quota)
    -- Only a row that was there before carries the mark of the transaction that locked it for the update.
    RETURNING users.xmax = 0 AS inserted
)
SELECT
    count(*) FILTER (WHERE inserted) AS n_inserted,
    count(*) FILTER (WHERE NOT inserted) AS n_updated
FROM written
