-- What did one antenna, user or app move by window, antenna and app, and with which offset range did it come? Finds the
-- tables `arrivals` and `replays`.
-- params: $files VARCHAR[], paths; $antenna_id, $id and $app VARCHAR (null: any); $first and $past TIMESTAMPTZ, the
--   span of event time without its end;
--   $window_us BIGINT, length of a window in microseconds
-- returns: timestamp TIMESTAMPTZ (window start), antenna_id VARCHAR, app VARCHAR, topic_id VARCHAR,
--   kafka_partition INTEGER, range_first BIGINT (null: in no range), replayed_at TIMESTAMPTZ (null: no replays),
--   n_rows BIGINT, sum_bytes BIGINT (null: too large)
WITH found AS (
    SELECT
        make_timestamptz(epoch_us(timestamp) - epoch_us(timestamp) % $window_us) AS window_start,
        antenna_id,
        app,
        topic_id,
        kafka_partition,
        kafka_offset,
        bytes
    FROM read_parquet($files, filename = true, hive_partitioning = false)
    WHERE ($antenna_id IS NULL OR antenna_id = $antenna_id)
        AND ($id IS NULL OR id = $id)
        AND ($app IS NULL OR app = $app)
        AND timestamp >= $first::TIMESTAMPTZ
        AND timestamp < $past::TIMESTAMPTZ
),
placed AS (
    SELECT
        found.*,
        CASE WHEN found.kafka_offset < arrivals.next_offset THEN arrivals.first_offset END AS range_first,
        replays.replayed_at
    FROM found
    ASOF LEFT JOIN arrivals
        ON arrivals.topic_id = found.topic_id
        AND arrivals.kafka_partition = found.kafka_partition
        AND arrivals.first_offset <= found.kafka_offset
    LEFT JOIN replays
        ON replays.topic_id = found.topic_id
        AND replays.kafka_partition = found.kafka_partition
        AND replays.kafka_offset = found.kafka_offset
)
SELECT
    window_start AS timestamp,
    antenna_id,
    app,
    topic_id,
    kafka_partition,
    range_first,
    max(replayed_at) AS replayed_at,
    count(*) AS n_rows,
    try_cast(sum(bytes) AS BIGINT) AS sum_bytes
FROM placed
GROUP BY window_start, antenna_id, app, topic_id, kafka_partition, range_first, replayed_at IS NULL
