-- Which dead letters of a reason were rejected last? Without their payload.
-- params: reason text, rows bigint (at most so many)
-- returns: topic_id text, kafka_partition integer, kafka_offset bigint, reason text, detail text, payload_bytes bigint,
--   rejected_at timestamptz, replayed_at timestamptz (null: open)
SELECT
    letter.topic_id,
    letter.kafka_partition,
    letter.kafka_offset,
    letter.reason,
    letter.detail,
    letter.payload_bytes,
    letter.rejected_at,
    letter.replayed_at
FROM antennactl.dead_letter AS letter
WHERE letter.reason = $1::text
ORDER BY letter.rejected_at DESC, letter.topic_id, letter.kafka_partition, letter.kafka_offset DESC
LIMIT $2::bigint
