-- Keeps messages that are no events, with the reason.
-- params: topic_id text, topic text, kafka_partition integer[], kafka_offset bigint[], reason text[], detail text[],
--         payload bytea[], payload_bytes bigint[]
-- returns: nothing
INSERT INTO antennactl.dead_letter
    (topic_id, topic, kafka_partition, kafka_offset, reason, detail, payload, payload_bytes)
SELECT $1::text, $2::text, d.kafka_partition, d.kafka_offset, d.reason, d.detail, d.payload, d.payload_bytes
FROM unnest($3::integer[], $4::bigint[], $5::text[], $6::text[], $7::bytea[], $8::bigint[])
    AS d (kafka_partition, kafka_offset, reason, detail, payload, payload_bytes)
