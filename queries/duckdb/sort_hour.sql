-- Writes the rows of an hour's files into one file, by user and time: what is asked of a user lies together.
-- params: $files VARCHAR[], paths; $target VARCHAR, the path of the new file
-- returns: Count BIGINT, the rows written
COPY (
    SELECT timestamp, id, antenna_id, bytes, app, topic_id, kafka_partition, kafka_offset
    FROM read_parquet($files, hive_partitioning = false)
    ORDER BY id, timestamp
)
TO $target (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 122880)
