-- Which offsets were read, by which micro-batch, and what became of them?
-- params: none
-- returns: topic_id text, kafka_partition integer, first_offset bigint, next_offset bigint, batch_id text,
--   n_events bigint, n_rejects bigint, n_skipped bigint
SELECT
    topic_id,
    kafka_partition,
    first_offset,
    next_offset,
    batch_id::text AS batch_id,
    n_events,
    n_rejects,
    n_skipped
FROM antennactl.offset_range
