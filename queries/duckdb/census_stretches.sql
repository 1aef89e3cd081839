-- How many rows lie in each of some equally wide stretches of offsets?
-- params: $files VARCHAR[], paths; $low BIGINT, the first offset; $width BIGINT, of a stretch
-- returns: stretch BIGINT, from 0; n_rows BIGINT; no row for an empty stretch
SELECT
    (kafka_offset - $low) // $width AS stretch,
    count(*) AS n_rows
FROM read_parquet($files, hive_partitioning = false)
GROUP BY stretch
ORDER BY stretch
