-- Which offsets did these micro-batches cover? Every range for a batch that no range names.
-- params: batch_ids text[]
-- returns: topic_id text, kafka_partition integer, first_offset bigint, next_offset bigint
SELECT r.topic_id, r.kafka_partition, r.first_offset, r.next_offset
FROM antennactl.offset_range AS r
WHERE r.batch_id::text = ANY($1::text[])
    OR EXISTS (
        SELECT FROM unnest($1::text[]) AS wanted (batch_id)
        WHERE wanted.batch_id IS NULL
            OR NOT EXISTS (SELECT FROM antennactl.offset_range AS known WHERE known.batch_id::text = wanted.batch_id)
    )
ORDER BY r.topic_id, r.kafka_partition, r.first_offset
