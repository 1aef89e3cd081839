-- Where may the rows of an hour have been read? Ranges of the micro-batches that ever had a file of it and those of no
-- micro-batch, and dead letters that were replayed.
-- params: hour timestamptz (its start)
-- returns: topic_id text, kafka_partition integer, first_offset bigint, next_offset bigint
SELECT r.topic_id, r.kafka_partition, r.first_offset, r.next_offset
FROM antennactl.offset_range AS r
WHERE r.n_events > 0
    AND (
        r.batch_id IS NULL
        OR r.batch_id IN (SELECT file.batch_id FROM antennactl.lake_file AS file WHERE file.hour = $1::timestamptz)
    )
UNION ALL
SELECT letter.topic_id, letter.kafka_partition, letter.kafka_offset, letter.kafka_offset + 1
FROM antennactl.dead_letter AS letter
WHERE letter.replayed_at IS NOT NULL
ORDER BY topic_id, kafka_partition, first_offset
