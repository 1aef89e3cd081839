-- Takes a worker's row away when it ends in good order.
-- params: worker text
-- returns: nothing
DELETE FROM antennactl.worker WHERE worker = $1::text
