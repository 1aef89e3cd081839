-- What do the hourly totals say of one antenna, user or app? A query of one's own may have named a user by e-mail.
-- params: hour timestamptz (its start), id text, type text
-- returns: value bigint (null: nothing)
SELECT sum(totals.value)::bigint AS value
FROM public.bytes_hourly AS totals
WHERE totals.timestamp = $1::timestamptz
    AND totals.type = $3::text
    AND totals.id IN (
        SELECT $2::text
        UNION
        SELECT users.email
        FROM public.user_metadata AS users
        WHERE users.id = $2::text AND $3::text = 'user_total_bytes' AND users.email IS NOT NULL
    )
