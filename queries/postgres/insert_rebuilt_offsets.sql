-- Enters where reading goes on after a lake that was found.
-- params: topic_id text, topic text, kafka_partition integer[], next_offset bigint[], max_event_time timestamptz[]
-- returns: nothing
INSERT INTO antennactl.stream_offset (topic_id, topic, kafka_partition, next_offset, max_event_time, updated_at)
SELECT $1::text, $2::text, p.kafka_partition, p.next_offset, p.max_event_time, clock_timestamp()
FROM unnest($3::integer[], $4::bigint[], $5::timestamptz[]) AS p (kafka_partition, next_offset, max_event_time)
