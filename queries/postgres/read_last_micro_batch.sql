-- Which micro-batch was committed last?
-- params: none
-- returns: batch_id text, worker text, n_events bigint, n_rejects bigint, n_late bigint, n_unknown_user bigint,
--          sum_bytes bigint, duration_ms text (json), committed_at timestamptz; no row before the first
SELECT
    batch.batch_id::text AS batch_id,
    batch.worker,
    batch.n_events,
    batch.n_rejects,
    batch.n_late,
    batch.n_unknown_user,
    batch.sum_bytes,
    batch.duration_ms::text AS duration_ms,
    batch.committed_at
FROM antennactl.micro_batch AS batch
ORDER BY batch.committed_at DESC
LIMIT 1
