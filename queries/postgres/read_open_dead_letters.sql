-- Which dead letters are open, from a place on in order of identity? As many as fit both limits, and one at least.
-- params: reason text (null: any), topic_id text, kafka_partition integer, kafka_offset bigint (the identity that the page
--   begins after), rows bigint (at most so many), bytes bigint (about so many of payload)
-- returns: topic_id text, topic text, kafka_partition integer, kafka_offset bigint, reason text, detail text,
--   payload bytea, payload_bytes bigint, rejected_at timestamptz, replayed_at timestamptz (null)
SELECT
    page.topic_id,
    page.topic,
    page.kafka_partition,
    page.kafka_offset,
    page.reason,
    page.detail,
    page.payload,
    page.payload_bytes,
    page.rejected_at,
    page.replayed_at
FROM (
    SELECT
        letter.*,
        -- The length of a payload is known without reading it.
        coalesce(
            sum(octet_length(letter.payload)) OVER (
                ORDER BY letter.topic_id, letter.kafka_partition, letter.kafka_offset
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ),
            0
        ) AS n_bytes_before
    FROM antennactl.dead_letter AS letter
    WHERE letter.replayed_at IS NULL
        AND ($1::text IS NULL OR letter.reason = $1::text)
        AND (letter.topic_id, letter.kafka_partition, letter.kafka_offset) > ($2::text, $3::integer, $4::bigint)
    ORDER BY letter.topic_id, letter.kafka_partition, letter.kafka_offset
    LIMIT $5::bigint
) AS page
WHERE page.n_bytes_before < $6::bigint
ORDER BY page.topic_id, page.kafka_partition, page.kafka_offset
