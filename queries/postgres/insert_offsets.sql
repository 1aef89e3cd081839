-- Gives partitions that were never read a row, at the offset that reading begins at.
-- params: topic_id text, topic text, kafka_partition integer[], next_offset bigint[]
-- returns: nothing
INSERT INTO antennactl.stream_offset (topic_id, topic, kafka_partition, next_offset)
SELECT $1::text, $2::text, p.kafka_partition, p.next_offset
FROM unnest($3::integer[], $4::bigint[]) AS p (kafka_partition, next_offset)
ON CONFLICT (topic_id, kafka_partition) DO NOTHING
