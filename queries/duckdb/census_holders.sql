-- Which files hold an identity?
-- params: $files VARCHAR[], paths; $topic_id VARCHAR; $kafka_partition INTEGER; $kafka_offset BIGINT
-- returns: filename VARCHAR
SELECT DISTINCT filename
FROM read_parquet($files, filename = true, hive_partitioning = false)
WHERE topic_id = $topic_id AND kafka_partition = $kafka_partition AND kafka_offset = $kafka_offset
ORDER BY filename
LIMIT 2
