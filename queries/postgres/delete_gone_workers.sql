-- Declares workers gone: those silent for too long, and those known to have ended. Waits for their open transaction,
-- after which no micro-batch of theirs can commit.
-- params: silence_s bigint, ended text[]
-- returns: worker text
DELETE FROM antennactl.worker
WHERE heartbeat_at < clock_timestamp() - make_interval(secs => $1::bigint)
    OR worker = ANY($2::text[])
RETURNING worker
