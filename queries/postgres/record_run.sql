-- Notes down what a batch run of an hour counted, in place of the run before.
-- params: $1 timestamptz hour, $2 bigint n_rows, $3 bigint sum_bytes, $4 bigint n_violators,
--   $5 bigint drift_antenna or null, $6 bigint drift_user or null, $7 bigint drift_app or null,
--   $8 boolean partial, $9 boolean unmanaged
-- returns: nothing
INSERT INTO antennactl.batch_run (
    hour, n_rows, sum_bytes, n_violators, drift_antenna, drift_user, drift_app, partial, unmanaged, finished_at
)
VALUES (
    $1::timestamptz, $2::bigint, $3::bigint, $4::bigint, $5::bigint, $6::bigint, $7::bigint,
    $8::boolean, $9::boolean, now()
)
ON CONFLICT (hour) DO UPDATE SET
    n_rows = excluded.n_rows,
    sum_bytes = excluded.sum_bytes,
    n_violators = excluded.n_violators,
    drift_antenna = excluded.drift_antenna,
    drift_user = excluded.drift_user,
    drift_app = excluded.drift_app,
    partial = excluded.partial,
    unmanaged = excluded.unmanaged,
    finished_at = excluded.finished_at
