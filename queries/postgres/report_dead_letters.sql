-- Which reasons have dead letters, how many, and since when? Reads no payload, as the reader's role may not.
-- params: none
-- returns: reason text, n_open bigint, n_replayed bigint, first_rejected_at timestamptz
SELECT
    letter.reason,
    count(*) FILTER (WHERE letter.replayed_at IS NULL) AS n_open,
    count(letter.replayed_at) AS n_replayed,
    min(letter.rejected_at) AS first_rejected_at
FROM antennactl.dead_letter AS letter
GROUP BY letter.reason
ORDER BY n_open DESC, letter.reason
