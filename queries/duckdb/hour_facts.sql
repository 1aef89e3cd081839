-- What do some files hold of each partition, together?
-- params: $files VARCHAR[], paths
-- returns: topic_id VARCHAR, kafka_partition INTEGER, n_rows BIGINT, sum_bytes BIGINT, min_offset BIGINT,
--   max_offset BIGINT, checksum VARCHAR (of all columns, whatever the order of the rows)
SELECT
    topic_id,
    kafka_partition,
    count(*) AS n_rows,
    sum(bytes)::BIGINT AS sum_bytes,
    min(kafka_offset) AS min_offset,
    max(kafka_offset) AS max_offset,
    sum(hash(timestamp, id, antenna_id, bytes, app, kafka_offset)::HUGEINT)::VARCHAR AS checksum
FROM read_parquet($files, hive_partitioning = false)
GROUP BY topic_id, kafka_partition
ORDER BY topic_id, kafka_partition
