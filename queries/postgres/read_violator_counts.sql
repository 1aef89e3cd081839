-- How many users over quota did each hour's run count, and how many are listed?
-- params: none
-- returns: hour timestamptz, n_counted bigint (null: no run), n_listed bigint
SELECT
    coalesce(run.hour, listed.hour) AS hour,
    run.n_violators AS n_counted,
    coalesce(listed.n_listed, 0)::bigint AS n_listed
FROM antennactl.batch_run AS run
FULL JOIN (
    SELECT timestamp AS hour, count(*) AS n_listed
    FROM public.user_quota_limit
    GROUP BY timestamp
) AS listed ON listed.hour = run.hour
