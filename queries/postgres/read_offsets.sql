-- Where does reading go on?
-- params: topic_id text
-- returns: kafka_partition integer, next_offset bigint, max_event_time timestamptz, caught_up_at timestamptz
SELECT kafka_partition, next_offset, max_event_time, caught_up_at
FROM antennactl.stream_offset
WHERE topic_id = $1::text
ORDER BY kafka_partition
