-- Where in the topic lie the rows of one antenna, user or app? Stretches of up to 65,536 offsets, with holes in them.
-- params: $files VARCHAR[], paths; $antenna_id, $id and $app VARCHAR (null: any); $first and $past TIMESTAMPTZ, the
--   span of event time without its end
-- returns: topic_id VARCHAR, kafka_partition INTEGER, first_offset BIGINT, last_offset BIGINT
SELECT
    topic_id,
    kafka_partition,
    min(kafka_offset) AS first_offset,
    max(kafka_offset) AS last_offset
FROM read_parquet($files, filename = true, hive_partitioning = false)
WHERE ($antenna_id IS NULL OR antenna_id = $antenna_id)
    AND ($id IS NULL OR id = $id)
    AND ($app IS NULL OR app = $app)
    AND timestamp >= $first::TIMESTAMPTZ
    AND timestamp < $past::TIMESTAMPTZ
GROUP BY topic_id, kafka_partition, kafka_offset // 65536
