-- Which messages are or were dead letters?
-- params: none
-- returns: topic_id text, kafka_partition integer, kafka_offset bigint, replayed boolean
SELECT topic_id, kafka_partition, kafka_offset, replayed_at IS NOT NULL AS replayed
FROM antennactl.dead_letter
