-- How far has each partition of the topic been read? After --accept-new-topic the topic read last is the topic.
-- params: none
-- returns: kafka_partition integer, max_event_time timestamptz or null, caught_up_at timestamptz or null
SELECT progress.kafka_partition, progress.max_event_time, progress.caught_up_at
FROM antennactl.stream_offset AS progress
WHERE progress.topic_id = (
    SELECT latest.topic_id
    FROM antennactl.stream_offset AS latest
    ORDER BY latest.updated_at DESC, latest.topic_id DESC
    LIMIT 1
)
ORDER BY progress.kafka_partition
