-- Is this worker still on the list? Keeps its row from being deleted until the transaction ends, and its heart beating.
-- params: worker text
-- returns: worker text (no row: it was declared gone)
UPDATE antennactl.worker SET heartbeat_at = clock_timestamp() WHERE worker = $1::text RETURNING worker
