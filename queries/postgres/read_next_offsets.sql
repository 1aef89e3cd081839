-- Up to which offset has each partition of each topic been read?
-- params: none
-- returns: topic_id text, kafka_partition integer, next_offset bigint
SELECT topic_id, kafka_partition, next_offset
FROM antennactl.stream_offset
