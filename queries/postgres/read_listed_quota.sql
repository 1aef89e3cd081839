-- With which quota did the batch run of an hour list a user as over quota?
-- params: hour timestamptz (its start), email text (null: a user without one), usage bigint
-- returns: quota bigint; no row where it did not
SELECT listed.quota
FROM public.user_quota_limit AS listed
WHERE listed.timestamp = $1::timestamptz
    AND listed.email IS NOT DISTINCT FROM $2::text
    AND listed.usage = $3::bigint
LIMIT 1
