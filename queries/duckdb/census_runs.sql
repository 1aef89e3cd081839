-- Which runs of neighbouring offsets does a slice of offsets hold, where none is there twice?
-- params: $files VARCHAR[], paths; $first BIGINT and $last BIGINT, the slice's first and last offset
-- returns: topic_id VARCHAR, kafka_partition INTEGER, first_offset BIGINT, next_offset BIGINT (the one after the last)
WITH numbered AS (
    SELECT
        topic_id,
        kafka_partition,
        kafka_offset,
        -- Equal for neighbours: both numbers grow by one.
        kafka_offset - row_number() OVER (PARTITION BY topic_id, kafka_partition ORDER BY kafka_offset) AS run
    FROM read_parquet($files, hive_partitioning = false)
    WHERE kafka_offset BETWEEN $first AND $last
)
SELECT
    topic_id,
    kafka_partition,
    min(kafka_offset) AS first_offset,
    max(kafka_offset) + 1 AS next_offset
FROM numbered
GROUP BY topic_id, kafka_partition, run
