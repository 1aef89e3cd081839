-- Which rows of the lake are those of one antenna, user or app? The first of them, in order of the topic.
-- params: $files VARCHAR[], paths; $antenna_id, $id and $app VARCHAR (null: any); $first and $past TIMESTAMPTZ, the
--   span of event time without its end;
--   $most BIGINT
-- returns: timestamp TIMESTAMPTZ, id VARCHAR, antenna_id VARCHAR, app VARCHAR, bytes BIGINT, topic_id VARCHAR,
--   kafka_partition INTEGER, kafka_offset BIGINT, filename VARCHAR
SELECT timestamp, id, antenna_id, app, bytes, topic_id, kafka_partition, kafka_offset, filename
FROM read_parquet($files, filename = true, hive_partitioning = false)
WHERE ($antenna_id IS NULL OR antenna_id = $antenna_id)
    AND ($id IS NULL OR id = $id)
    AND ($app IS NULL OR app = $app)
    AND timestamp >= $first::TIMESTAMPTZ
    AND timestamp < $past::TIMESTAMPTZ
ORDER BY topic_id, kafka_partition, kafka_offset
LIMIT $most
