-- Which partitions each worker reads, so that whoever looks knows who has what.
ALTER TABLE antennactl.worker ADD COLUMN IF NOT EXISTS partitions integer[] NOT NULL DEFAULT '{}';
ALTER TABLE antennactl.worker ADD COLUMN IF NOT EXISTS assigned_at timestamptz;

COMMENT ON COLUMN antennactl.worker.partitions IS 'The partitions it was given last; one that another was given later is that one''s.';
COMMENT ON COLUMN antennactl.worker.assigned_at IS 'When it was given them; null: it has not been given any yet.';
