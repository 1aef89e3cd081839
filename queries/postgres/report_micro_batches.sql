-- Which micro-batches were committed while those that wrote events of a range of hours were?
-- params: first timestamptz, past timestamptz (the first moment after)
-- returns: committed_at timestamptz, n_events bigint, n_rejects bigint, n_late bigint, n_unknown_user bigint,
--   busy_ms double precision (all stages but the wait for messages)
WITH span AS (
    SELECT min(writer.committed_at) AS first, max(writer.committed_at) AS last
    FROM antennactl.lake_file AS file
    JOIN antennactl.micro_batch AS writer ON writer.batch_id = file.batch_id
    WHERE file.hour >= $1::timestamptz AND file.hour < $2::timestamptz
)
SELECT
    batch.committed_at,
    batch.n_events,
    batch.n_rejects,
    batch.n_late,
    batch.n_unknown_user,
    coalesce(
        (
            SELECT sum(stage.value::double precision)
            FROM jsonb_each_text(batch.duration_ms) AS stage
            WHERE stage.key <> 'poll'
        ),
        0
    ) AS busy_ms
FROM antennactl.micro_batch AS batch
CROSS JOIN span
WHERE batch.committed_at BETWEEN span.first AND span.last
ORDER BY batch.committed_at
