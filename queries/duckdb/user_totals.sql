-- How many bytes did each user move in the hour? The other queries find the answer as table `user_totals`.
-- params: none
-- returns: id VARCHAR, value BIGINT
SELECT
    id,
    sum(bytes)::BIGINT AS value
FROM devices
GROUP BY id
