-- How many bytes did each antenna, user and app move in each window?
-- params: $files VARCHAR[], paths; $window_us BIGINT, length of a window in microseconds
-- returns: timestamp TIMESTAMPTZ, id VARCHAR, value BIGINT (null: too large), type VARCHAR
WITH windows AS (
    SELECT
        epoch_us(timestamp) - epoch_us(timestamp) % $window_us AS start_us,
        id,
        antenna_id,
        app,
        bytes
    FROM read_parquet($files, hive_partitioning = false)
)
SELECT
    make_timestamptz(start_us) AS timestamp,
    antenna_id AS id,
    try_cast(sum(bytes) AS BIGINT) AS value,
    'antenna_total_bytes' AS type
FROM windows
GROUP BY start_us, antenna_id
UNION ALL
SELECT
    make_timestamptz(start_us) AS timestamp,
    id,
    try_cast(sum(bytes) AS BIGINT) AS value,
    'user_total_bytes' AS type
FROM windows
GROUP BY start_us, id
UNION ALL
SELECT
    make_timestamptz(start_us) AS timestamp,
    app AS id,
    try_cast(sum(bytes) AS BIGINT) AS value,
    'app_total_bytes' AS type
FROM windows
GROUP BY start_us, app
