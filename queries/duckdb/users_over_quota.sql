-- Which users moved more bytes in the hour than their quota allows? Exactly the quota is still allowed.
-- params: $hour TIMESTAMPTZ, start of the hour
-- returns: email VARCHAR, usage BIGINT, quota BIGINT, timestamp TIMESTAMPTZ
SELECT
    user_metadata.email,
    user_totals.value AS usage,
    user_metadata.quota,
    $hour::TIMESTAMPTZ AS timestamp
FROM user_totals
JOIN user_metadata ON user_metadata.id = user_totals.id
WHERE user_totals.value > user_metadata.quota
