-- With which ranges and micro-batches were some stretches of offsets read?
-- params: topic_id text[], kafka_partition integer[], first_offset bigint[], last_offset bigint[]
-- returns: topic_id text, kafka_partition integer, first_offset bigint, next_offset bigint, batch_id text (null: no
--   micro-batch), worker text, committed_at timestamptz
SELECT DISTINCT
    r.topic_id,
    r.kafka_partition,
    r.first_offset,
    r.next_offset,
    r.batch_id::text AS batch_id,
    batch.worker,
    batch.committed_at
FROM unnest($1::text[], $2::integer[], $3::bigint[], $4::bigint[])
    AS stretch (topic_id, kafka_partition, first_offset, last_offset)
-- The range that the stretch begins in, found by the key; what follows begins after it.
LEFT JOIN LATERAL (
    SELECT max(before.first_offset) AS first_offset
    FROM antennactl.offset_range AS before
    WHERE before.topic_id = stretch.topic_id
        AND before.kafka_partition = stretch.kafka_partition
        AND before.first_offset <= stretch.first_offset
) AS begun ON true
JOIN antennactl.offset_range AS r
    ON r.topic_id = stretch.topic_id
    AND r.kafka_partition = stretch.kafka_partition
    AND r.first_offset >= coalesce(begun.first_offset, stretch.first_offset)
    AND r.first_offset <= stretch.last_offset
LEFT JOIN antennactl.micro_batch AS batch ON batch.batch_id = r.batch_id
ORDER BY r.topic_id, r.kafka_partition, r.first_offset
