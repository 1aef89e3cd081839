-- How many users were over their quota in the newest hour that has a run?
-- params: none
-- returns: n_violators bigint; no row before the first run
SELECT run.n_violators
FROM antennactl.batch_run AS run
ORDER BY run.hour DESC
LIMIT 1
