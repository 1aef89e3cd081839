-- Did this micro-batch commit?
-- params: batch_id text
-- returns: committed boolean
SELECT EXISTS (SELECT FROM antennactl.micro_batch WHERE batch_id = $1::text::uuid) AS committed
