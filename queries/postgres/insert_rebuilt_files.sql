-- Records files that were found standing in the lake.
-- params: path text[], hour timestamptz[], n_rows bigint[], sum_bytes bigint[], sha256 text[], batch_id text[]
-- returns: nothing
INSERT INTO antennactl.lake_file (path, hour, n_rows, sum_bytes, sha256, batch_id, published_at)
SELECT f.path, f.hour, f.n_rows, f.sum_bytes, f.sha256, f.batch_id::uuid, clock_timestamp()
FROM unnest($1::text[], $2::timestamptz[], $3::bigint[], $4::bigint[], $5::text[], $6::text[])
    AS f (path, hour, n_rows, sum_bytes, sha256, batch_id)
