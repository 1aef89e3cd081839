-- How many bytes did each antenna, user and app move in the hour?
-- params: $hour TIMESTAMPTZ, start of the hour
-- returns: timestamp TIMESTAMPTZ, id VARCHAR, value BIGINT, type VARCHAR
SELECT
    $hour::TIMESTAMPTZ AS timestamp,
    antenna_id AS id,
    sum(bytes)::BIGINT AS value,
    'antenna_total_bytes' AS type
FROM devices
GROUP BY antenna_id
UNION ALL
SELECT
    $hour::TIMESTAMPTZ AS timestamp,
    id,
    value,
    'user_total_bytes' AS type
FROM user_totals
UNION ALL
SELECT
    $hour::TIMESTAMPTZ AS timestamp,
    app AS id,
    sum(bytes)::BIGINT AS value,
    'app_total_bytes' AS type
FROM devices
GROUP BY app
