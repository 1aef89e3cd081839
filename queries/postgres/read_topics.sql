-- Which topics has this ledger read from?
-- params: none
-- returns: topic_id text, topic text, last_update timestamptz
SELECT topic_id, min(topic) AS topic, max(updated_at) AS last_update
FROM antennactl.stream_offset
GROUP BY topic_id
ORDER BY last_update
