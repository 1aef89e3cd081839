-- The ledger: what was read from the topic, where it went, and who is at work.
CREATE SCHEMA IF NOT EXISTS antennactl;

CREATE TABLE IF NOT EXISTS antennactl.setting (
    name text PRIMARY KEY,
    value text NOT NULL
);

CREATE TABLE IF NOT EXISTS antennactl.stream_offset (
    topic_id text NOT NULL,
    kafka_partition integer NOT NULL,
    topic text NOT NULL,
    next_offset bigint NOT NULL,
    max_event_time timestamptz,
    caught_up_at timestamptz,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (topic_id, kafka_partition)
);

CREATE TABLE IF NOT EXISTS antennactl.worker (
    worker text PRIMARY KEY,
    host text NOT NULL,
    pid integer NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    heartbeat_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS antennactl.micro_batch (
    batch_id uuid PRIMARY KEY,
    worker text NOT NULL,
    n_events bigint NOT NULL,
    n_rejects bigint NOT NULL,
    n_late bigint NOT NULL,
    n_unknown_user bigint NOT NULL,
    sum_bytes bigint NOT NULL,
    duration_ms jsonb NOT NULL,
    committed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS micro_batch_committed_at ON antennactl.micro_batch (committed_at);

CREATE TABLE IF NOT EXISTS antennactl.offset_range (
    topic_id text NOT NULL,
    kafka_partition integer NOT NULL,
    first_offset bigint NOT NULL,
    next_offset bigint NOT NULL,
    batch_id uuid,
    n_events bigint NOT NULL,
    n_rejects bigint NOT NULL,
    n_skipped bigint NOT NULL,
    reason text,
    PRIMARY KEY (topic_id, kafka_partition, first_offset)
);

CREATE TABLE IF NOT EXISTS antennactl.lake_file (
    path text PRIMARY KEY,
    stage_path text,
    hour timestamptz NOT NULL,
    n_rows bigint NOT NULL,
    sum_bytes bigint NOT NULL,
    sha256 text NOT NULL,
    batch_id uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    published_at timestamptz,
    removed_at timestamptz,
    removed_by text
);
CREATE INDEX IF NOT EXISTS lake_file_hour ON antennactl.lake_file (hour);
-- Recovery asks for these at every assignment; there are few, whatever the history.
CREATE INDEX IF NOT EXISTS lake_file_unpublished ON antennactl.lake_file (path)
    WHERE published_at IS NULL AND removed_at IS NULL;

CREATE TABLE IF NOT EXISTS antennactl.dead_letter (
    topic_id text NOT NULL,
    kafka_partition integer NOT NULL,
    kafka_offset bigint NOT NULL,
    topic text NOT NULL,
    reason text NOT NULL,
    detail text,
    payload bytea,
    payload_bytes bigint,
    rejected_at timestamptz NOT NULL DEFAULT now(),
    replayed_at timestamptz,
    PRIMARY KEY (topic_id, kafka_partition, kafka_offset)
);

CREATE TABLE IF NOT EXISTS antennactl.batch_run (
    hour timestamptz PRIMARY KEY,
    n_rows bigint NOT NULL,
    sum_bytes bigint NOT NULL,
    n_violators bigint NOT NULL,
    drift_antenna bigint,
    drift_user bigint,
    drift_app bigint,
    partial boolean NOT NULL DEFAULT false,
    unmanaged boolean NOT NULL DEFAULT false,
    finished_at timestamptz NOT NULL DEFAULT now()
);
