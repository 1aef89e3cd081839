-- Enters a worker under a name of its own, before it stages anything.
-- params: worker text, host text, pid integer
-- returns: nothing
INSERT INTO antennactl.worker (worker, host, pid) VALUES ($1::text, $2::text, $3::integer)
