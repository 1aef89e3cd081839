-- How many dead letters of each reason still wait to be replayed?
-- params: none
-- returns: reason text, n_open bigint
SELECT letter.reason, count(*) AS n_open
FROM antennactl.dead_letter AS letter
WHERE letter.replayed_at IS NULL
GROUP BY letter.reason
ORDER BY n_open DESC, letter.reason
