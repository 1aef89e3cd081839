-- Writes down which partitions a worker reads from now on, and beats its heart.
-- params: worker text, partitions integer[]
-- returns: nothing
UPDATE antennactl.worker
SET partitions = $2::integer[], assigned_at = clock_timestamp(), heartbeat_at = clock_timestamp()
WHERE worker = $1::text
