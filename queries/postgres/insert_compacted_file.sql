-- Records the file that an hour's files were made into, built and not yet in the lake.
-- params: path text, stage_path text, hour timestamptz, n_rows bigint, sum_bytes bigint, sha256 text
-- returns: nothing
INSERT INTO antennactl.lake_file (path, stage_path, hour, n_rows, sum_bytes, sha256)
VALUES ($1::text, $2::text, $3::timestamptz, $4::bigint, $5::bigint, $6::text)
