-- Records the files of a micro-batch, staged and not yet published.
-- params: batch_id text, path text[], stage_path text[], hour timestamptz[], n_rows bigint[], sum_bytes bigint[],
--         sha256 text[]
-- returns: nothing
INSERT INTO antennactl.lake_file (batch_id, path, stage_path, hour, n_rows, sum_bytes, sha256)
SELECT $1::text::uuid, f.path, f.stage_path, f.hour, f.n_rows, f.sum_bytes, f.sha256
FROM unnest($2::text[], $3::text[], $4::timestamptz[], $5::bigint[], $6::bigint[], $7::text[])
    AS f (path, stage_path, hour, n_rows, sum_bytes, sha256)
