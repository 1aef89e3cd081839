-- Compare-and-set: moves each partition's next_offset where it still is what this batch started at.
-- Rows are locked in the order of partitions, so that two workers never wait for each other in a circle.
-- params: topic_id text, kafka_partition integer[], first_offset bigint[], next_offset bigint[],
--         max_event_time timestamptz[], caught_up_at timestamptz[] (nulls: unchanged)
-- returns: kafka_partition integer (fewer rows than asked for: somebody else has moved on)
WITH moved AS (
    SELECT *
    FROM unnest($2::integer[], $3::bigint[], $4::bigint[], $5::timestamptz[], $6::timestamptz[])
        AS m (kafka_partition, first_offset, next_offset, max_event_time, caught_up_at)
),
locked AS (
    SELECT o.topic_id, o.kafka_partition
    FROM antennactl.stream_offset AS o
    JOIN moved ON moved.kafka_partition = o.kafka_partition AND moved.first_offset = o.next_offset
    WHERE o.topic_id = $1::text
    ORDER BY o.kafka_partition
    FOR UPDATE OF o
)
UPDATE antennactl.stream_offset AS o
SET next_offset = moved.next_offset,
    max_event_time = greatest(o.max_event_time, moved.max_event_time),
    caught_up_at = greatest(o.caught_up_at, moved.caught_up_at),
    updated_at = clock_timestamp()
FROM locked
JOIN moved ON moved.kafka_partition = locked.kafka_partition
WHERE o.topic_id = locked.topic_id
    AND o.kafka_partition = locked.kafka_partition
    AND o.next_offset = moved.first_offset
RETURNING o.kafka_partition
