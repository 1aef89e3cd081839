-- Which reasons have dead letters, how many, since when, and where does one of them lie?
-- params: none
-- returns: reason text, n_open bigint, n_replayed bigint, n_cut bigint (open, of which the end is not stored),
--   first_rejected_at timestamptz, last_rejected_at timestamptz, example text (partition:offset, an open one if any)
SELECT
    found.reason,
    found.n_open,
    found.n_replayed,
    found.n_cut,
    found.first_rejected_at,
    found.last_rejected_at,
    found.example[1]::text || ':' || found.example[2]::text AS example
FROM (
    SELECT
        letter.reason,
        count(*) FILTER (WHERE letter.replayed_at IS NULL) AS n_open,
        count(letter.replayed_at) AS n_replayed,
        count(*) FILTER (
            WHERE letter.replayed_at IS NULL AND octet_length(letter.payload) < letter.payload_bytes
        ) AS n_cut,
        min(letter.rejected_at) AS first_rejected_at,
        max(letter.rejected_at) AS last_rejected_at,
        coalesce(
            min(ARRAY[letter.kafka_partition, letter.kafka_offset]) FILTER (WHERE letter.replayed_at IS NULL),
            min(ARRAY[letter.kafka_partition, letter.kafka_offset])
        ) AS example
    FROM antennactl.dead_letter AS letter
    GROUP BY letter.reason
) AS found
ORDER BY found.n_open DESC, found.reason
