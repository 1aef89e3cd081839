-- Records which offsets a micro-batch covers, and what became of them.
-- params: topic_id text, batch_id text (null: nobody read them), kafka_partition integer[], first_offset bigint[],
--         next_offset bigint[], n_events bigint[], n_rejects bigint[], reason text (of what was skipped)
-- returns: nothing
INSERT INTO antennactl.offset_range
    (topic_id, kafka_partition, first_offset, next_offset, batch_id, n_events, n_rejects, n_skipped, reason)
SELECT
    $1::text,
    r.kafka_partition,
    r.first_offset,
    r.next_offset,
    $2::text::uuid,
    r.n_events,
    r.n_rejects,
    r.next_offset - r.first_offset - r.n_events - r.n_rejects,
    CASE WHEN r.next_offset - r.first_offset > r.n_events + r.n_rejects THEN $8::text END
FROM unnest($3::integer[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[])
    AS r (kafka_partition, first_offset, next_offset, n_events, n_rejects)
