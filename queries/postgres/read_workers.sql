-- Who is at work?
-- params: none
-- returns: worker text, host text, pid integer, started_at timestamptz, heartbeat_at timestamptz,
--          partitions integer[], assigned_at timestamptz
SELECT worker, host, pid, started_at, heartbeat_at, partitions, assigned_at
FROM antennactl.worker
ORDER BY worker
