-- Which dead letters in some stretches of offsets were replayed, and when?
-- params: topic_id text[], kafka_partition integer[], first_offset bigint[], last_offset bigint[]
-- returns: topic_id text, kafka_partition integer, kafka_offset bigint, replayed_at timestamptz
SELECT letter.topic_id, letter.kafka_partition, letter.kafka_offset, letter.replayed_at
FROM unnest($1::text[], $2::integer[], $3::bigint[], $4::bigint[])
    AS stretch (topic_id, kafka_partition, first_offset, last_offset)
JOIN antennactl.dead_letter AS letter
    ON letter.topic_id = stretch.topic_id
    AND letter.kafka_partition = stretch.kafka_partition
    AND letter.kafka_offset BETWEEN stretch.first_offset AND stretch.last_offset
WHERE letter.replayed_at IS NOT NULL
