-- Which identities of a slice of offsets are there more than once, and which are dead letters?
-- params: $files VARCHAR[], paths; $first BIGINT and $last BIGINT, the slice's first and last offset; $most BIGINT,
--   how many of the repeated ones are named
-- returns: topic_id VARCHAR, kafka_partition INTEGER, kafka_offset BIGINT, n_rows BIGINT, n_repeated BIGINT (null: the
--   row is a dead letter; else how many identities are repeated in all)
WITH seen AS MATERIALIZED (
    SELECT topic_id, kafka_partition, kafka_offset, count(*) AS n_rows
    FROM read_parquet($files, hive_partitioning = false)
    WHERE kafka_offset BETWEEN $first AND $last
    GROUP BY topic_id, kafka_partition, kafka_offset
),
repeated AS (
    SELECT seen.*, (SELECT count(*) FROM seen WHERE n_rows > 1) AS n_repeated
    FROM seen
    WHERE n_rows > 1
    ORDER BY topic_id, kafka_partition, kafka_offset
    LIMIT $most
)
SELECT * FROM repeated
UNION ALL
SELECT seen.*, NULL AS n_repeated
FROM seen
SEMI JOIN letters USING (topic_id, kafka_partition, kafka_offset)
