-- Waits for every transaction that is moving these partitions' offsets, and reads them.
-- params: topic_id text, kafka_partition integer[]
-- returns: kafka_partition integer, next_offset bigint
SELECT kafka_partition, next_offset
FROM antennactl.stream_offset
WHERE topic_id = $1::text AND kafka_partition = ANY($2::integer[])
ORDER BY kafka_partition
FOR UPDATE
