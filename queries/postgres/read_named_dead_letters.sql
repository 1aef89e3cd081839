-- What became of the dead letters of these identities, and what is stored of them?
-- params: topic_id text[], kafka_partition integer[], kafka_offset bigint[]
-- returns: topic_id text, topic text, kafka_partition integer, kafka_offset bigint, reason text, detail text,
--   payload bytea, payload_bytes bigint, rejected_at timestamptz, replayed_at timestamptz (null: open)
SELECT
    letter.topic_id,
    letter.topic,
    letter.kafka_partition,
    letter.kafka_offset,
    letter.reason,
    letter.detail,
    letter.payload,
    letter.payload_bytes,
    letter.rejected_at,
    letter.replayed_at
FROM unnest($1::text[], $2::integer[], $3::bigint[]) AS wanted (topic_id, kafka_partition, kafka_offset)
JOIN antennactl.dead_letter AS letter USING (topic_id, kafka_partition, kafka_offset)
ORDER BY letter.topic_id, letter.kafka_partition, letter.kafka_offset
