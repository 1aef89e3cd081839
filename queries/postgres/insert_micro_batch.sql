-- Records a micro-batch.
-- params: batch_id text, worker text, n_events bigint, n_rejects bigint, n_late bigint, n_unknown_user bigint,
--         sum_bytes bigint, duration_ms text (json)
-- returns: nothing
INSERT INTO antennactl.micro_batch
    (batch_id, worker, n_events, n_rejects, n_late, n_unknown_user, sum_bytes, duration_ms)
VALUES
    ($1::text::uuid, $2::text, $3::bigint, $4::bigint, $5::bigint, $6::bigint, $7::bigint, $8::text::jsonb)
