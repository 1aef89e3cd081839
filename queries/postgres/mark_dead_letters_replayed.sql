-- Closes the open ones of these dead letters. Rows are locked in order of identity, so that two replays at once cannot
-- deadlock; one that waited for the other finds here what is still open.
-- params: topic_id text, kafka_partition integer[], kafka_offset bigint[]
-- returns: kafka_partition integer, kafka_offset bigint (of each that was open)
WITH held AS (
    SELECT letter.topic_id, letter.kafka_partition, letter.kafka_offset
    FROM unnest($2::integer[], $3::bigint[]) AS wanted (kafka_partition, kafka_offset)
    JOIN antennactl.dead_letter AS letter
        ON letter.topic_id = $1::text
        AND letter.kafka_partition = wanted.kafka_partition
        AND letter.kafka_offset = wanted.kafka_offset
    WHERE letter.replayed_at IS NULL
    ORDER BY letter.kafka_partition, letter.kafka_offset
    FOR UPDATE OF letter
)
UPDATE antennactl.dead_letter AS closed
SET replayed_at = clock_timestamp()
FROM held
WHERE closed.topic_id = held.topic_id
    AND closed.kafka_partition = held.kafka_partition
    AND closed.kafka_offset = held.kafka_offset
    AND closed.replayed_at IS NULL
RETURNING closed.kafka_partition, closed.kafka_offset
