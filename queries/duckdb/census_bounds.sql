-- Which offsets part the rows of these files into slices of about equal size?
-- params: $files VARCHAR[], paths; $shares DOUBLE[], from 0 to 1
-- returns: bounds BIGINT[], one a share
SELECT approx_quantile(kafka_offset, $shares)::BIGINT[] AS bounds
FROM read_parquet($files, hive_partitioning = false)
