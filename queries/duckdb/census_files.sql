-- What does each file hold of each partition?
-- params: $files VARCHAR[], paths
-- returns: filename VARCHAR, topic_id VARCHAR, kafka_partition INTEGER, n_rows BIGINT, sum_bytes BIGINT (null: too
--   large), min_time TIMESTAMPTZ, max_time TIMESTAMPTZ, min_offset BIGINT, max_offset BIGINT
SELECT
    filename,
    topic_id,
    kafka_partition,
    count(*) AS n_rows,
    try_cast(sum(bytes) AS BIGINT) AS sum_bytes,
    min(timestamp) AS min_time,
    max(timestamp) AS max_time,
    min(kafka_offset) AS min_offset,
    max(kafka_offset) AS max_offset
FROM read_parquet($files, filename = true, hive_partitioning = false)
GROUP BY filename, topic_id, kafka_partition
