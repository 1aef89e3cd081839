-- What did the batch runs of a range of hours count, and how far were the live totals from them?
-- params: first timestamptz, past timestamptz (the first moment after)
-- returns: hour timestamptz, n_rows bigint, sum_bytes bigint, n_violators bigint, and where the run compared them:
--   drift_antenna bigint, drift_user bigint, drift_app bigint (live minus batch)
SELECT
    run.hour,
    run.n_rows,
    run.sum_bytes,
    run.n_violators,
    run.drift_antenna,
    run.drift_user,
    run.drift_app
FROM antennactl.batch_run AS run
WHERE run.hour >= $1::timestamptz AND run.hour < $2::timestamptz
ORDER BY run.hour
