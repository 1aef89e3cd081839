SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET transaction_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;
CREATE SCHEMA antennactl;
COMMENT ON SCHEMA antennactl IS 'The ledger: what was read from the topic, where it went, and who is at work.';
SET default_table_access_method = heap;
CREATE TABLE antennactl.batch_run (
    hour timestamp with time zone NOT NULL,
    n_rows bigint NOT NULL,
    sum_bytes bigint NOT NULL,
    n_violators bigint NOT NULL,
    drift_antenna bigint,
    drift_user bigint,
    drift_app bigint,
    partial boolean DEFAULT false NOT NULL,
    unmanaged boolean DEFAULT false NOT NULL,
    finished_at timestamp with time zone DEFAULT now() NOT NULL
);
COMMENT ON TABLE antennactl.batch_run IS 'The last run of batch for each hour.';
COMMENT ON COLUMN antennactl.batch_run.hour IS 'Start of the hour.';
COMMENT ON COLUMN antennactl.batch_run.n_rows IS 'Rows of the lake it read; other than now: the hour changed.';
COMMENT ON COLUMN antennactl.batch_run.sum_bytes IS 'Sum of bytes of those rows.';
COMMENT ON COLUMN antennactl.batch_run.n_violators IS 'Users over quota.';
COMMENT ON COLUMN antennactl.batch_run.drift_antenna IS 'Live totals minus these, by antenna; null where they cannot be compared.';
COMMENT ON COLUMN antennactl.batch_run.drift_user IS 'The same, by user.';
COMMENT ON COLUMN antennactl.batch_run.drift_app IS 'The same, by app.';
COMMENT ON COLUMN antennactl.batch_run.partial IS 'The hour was not complete.';
COMMENT ON COLUMN antennactl.batch_run.unmanaged IS 'Read from a lake of another writer.';
COMMENT ON COLUMN antennactl.batch_run.finished_at IS 'Clock of the transaction.';
CREATE TABLE antennactl.dead_letter (
    topic_id text NOT NULL,
    kafka_partition integer NOT NULL,
    kafka_offset bigint NOT NULL,
    topic text NOT NULL,
    reason text NOT NULL,
    detail text,
    payload bytea,
    payload_bytes bigint,
    rejected_at timestamp with time zone DEFAULT now() NOT NULL,
    replayed_at timestamp with time zone
);
COMMENT ON TABLE antennactl.dead_letter IS 'Messages that were no events.';
COMMENT ON COLUMN antennactl.dead_letter.topic_id IS 'Kafka''s id of the topic.';
COMMENT ON COLUMN antennactl.dead_letter.kafka_partition IS 'The partition.';
COMMENT ON COLUMN antennactl.dead_letter.kafka_offset IS 'The offset.';
COMMENT ON COLUMN antennactl.dead_letter.topic IS 'The topic''s name.';
COMMENT ON COLUMN antennactl.dead_letter.reason IS 'Why it was rejected, in a word.';
COMMENT ON COLUMN antennactl.dead_letter.detail IS 'Where in the message, never its content.';
COMMENT ON COLUMN antennactl.dead_letter.payload IS 'The message, up to 64 KiB; null for a tombstone.';
COMMENT ON COLUMN antennactl.dead_letter.payload_bytes IS 'Its full length.';
COMMENT ON COLUMN antennactl.dead_letter.rejected_at IS 'Clock of the transaction.';
COMMENT ON COLUMN antennactl.dead_letter.replayed_at IS 'When it became an event after all; null: it is open.';
CREATE TABLE antennactl.lake_file (
    path text NOT NULL,
    stage_path text,
    hour timestamp with time zone NOT NULL,
    n_rows bigint NOT NULL,
    sum_bytes bigint NOT NULL,
    sha256 text NOT NULL,
    batch_id uuid,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    published_at timestamp with time zone,
    removed_at timestamp with time zone,
    removed_by text
);
COMMENT ON TABLE antennactl.lake_file IS 'Every file that was committed to the lake.';
COMMENT ON COLUMN antennactl.lake_file.path IS 'Where it stands, from the lake''s folder.';
COMMENT ON COLUMN antennactl.lake_file.stage_path IS 'Where it stood before it was published.';
COMMENT ON COLUMN antennactl.lake_file.hour IS 'The hour of its events.';
COMMENT ON COLUMN antennactl.lake_file.n_rows IS 'Its rows.';
COMMENT ON COLUMN antennactl.lake_file.sum_bytes IS 'Sum of bytes of its rows.';
COMMENT ON COLUMN antennactl.lake_file.sha256 IS 'Checksum of the file.';
COMMENT ON COLUMN antennactl.lake_file.batch_id IS 'The micro-batch or replay that wrote it.';
COMMENT ON COLUMN antennactl.lake_file.created_at IS 'Clock of the transaction.';
COMMENT ON COLUMN antennactl.lake_file.published_at IS 'When it was known to stand at path; null: recovery will see to it.';
COMMENT ON COLUMN antennactl.lake_file.removed_at IS 'When it was taken out of the lake; null: it is live.';
COMMENT ON COLUMN antennactl.lake_file.removed_by IS 'compact, prune or rebuild.';
CREATE TABLE antennactl.micro_batch (
    batch_id uuid NOT NULL,
    worker text NOT NULL,
    n_events bigint NOT NULL,
    n_rejects bigint NOT NULL,
    n_late bigint NOT NULL,
    n_unknown_user bigint NOT NULL,
    sum_bytes bigint NOT NULL,
    duration_ms jsonb NOT NULL,
    committed_at timestamp with time zone DEFAULT now() NOT NULL
);
COMMENT ON TABLE antennactl.micro_batch IS 'A line for each micro-batch that was committed.';
COMMENT ON COLUMN antennactl.micro_batch.batch_id IS 'A UUIDv7, made before.';
COMMENT ON COLUMN antennactl.micro_batch.worker IS 'Who committed it.';
COMMENT ON COLUMN antennactl.micro_batch.n_events IS 'Messages that became events.';
COMMENT ON COLUMN antennactl.micro_batch.n_rejects IS 'Messages that became dead letters.';
COMMENT ON COLUMN antennactl.micro_batch.n_late IS 'Events that lay before the newest of their partition by more than the lateness.';
COMMENT ON COLUMN antennactl.micro_batch.n_unknown_user IS 'Events of users that are not in user_metadata; they count in every total.';
COMMENT ON COLUMN antennactl.micro_batch.sum_bytes IS 'Sum of bytes of the events.';
COMMENT ON COLUMN antennactl.micro_batch.duration_ms IS 'Milliseconds by stage.';
COMMENT ON COLUMN antennactl.micro_batch.committed_at IS 'Clock of the transaction.';
CREATE TABLE antennactl.offset_range (
    topic_id text NOT NULL,
    kafka_partition integer NOT NULL,
    first_offset bigint NOT NULL,
    next_offset bigint NOT NULL,
    batch_id uuid,
    n_events bigint NOT NULL,
    n_rejects bigint NOT NULL,
    n_skipped bigint NOT NULL,
    reason text
);
COMMENT ON TABLE antennactl.offset_range IS 'What each micro-batch covered; the ranges of a partition chain without a hole.';
COMMENT ON COLUMN antennactl.offset_range.topic_id IS 'Kafka''s id of the topic.';
COMMENT ON COLUMN antennactl.offset_range.kafka_partition IS 'The partition.';
COMMENT ON COLUMN antennactl.offset_range.first_offset IS 'First offset covered.';
COMMENT ON COLUMN antennactl.offset_range.next_offset IS 'First offset after it.';
COMMENT ON COLUMN antennactl.offset_range.batch_id IS 'The micro-batch; null where none read it.';
COMMENT ON COLUMN antennactl.offset_range.n_events IS 'Events in it.';
COMMENT ON COLUMN antennactl.offset_range.n_rejects IS 'Dead letters in it.';
COMMENT ON COLUMN antennactl.offset_range.n_skipped IS 'Offsets without a message of ours; the three add up to the length.';
COMMENT ON COLUMN antennactl.offset_range.reason IS 'Why offsets were skipped: control, lost, rebuilt.';
CREATE TABLE antennactl.setting (
    name text NOT NULL,
    value text NOT NULL
);
COMMENT ON TABLE antennactl.setting IS 'The few values that all commands on this database share.';
COMMENT ON COLUMN antennactl.setting.name IS 'ledger, schema_version, window_s or retention_floor.';
COMMENT ON COLUMN antennactl.setting.value IS 'Its value as text.';
CREATE TABLE antennactl.stream_offset (
    topic_id text NOT NULL,
    kafka_partition integer NOT NULL,
    topic text NOT NULL,
    next_offset bigint NOT NULL,
    max_event_time timestamp with time zone,
    caught_up_at timestamp with time zone,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);
COMMENT ON TABLE antennactl.stream_offset IS 'How far each partition was read; a row for every partition from the first start.';
COMMENT ON COLUMN antennactl.stream_offset.topic_id IS 'Kafka''s id of the topic: one made again under the same name has another.';
COMMENT ON COLUMN antennactl.stream_offset.kafka_partition IS 'The partition.';
COMMENT ON COLUMN antennactl.stream_offset.topic IS 'The topic''s name.';
COMMENT ON COLUMN antennactl.stream_offset.next_offset IS 'The first offset that is not in the ledger; each micro-batch moves it by compare-and-set.';
COMMENT ON COLUMN antennactl.stream_offset.max_event_time IS 'Newest event time that was read.';
COMMENT ON COLUMN antennactl.stream_offset.caught_up_at IS 'Clock before the last poll that met the end of the partition.';
COMMENT ON COLUMN antennactl.stream_offset.updated_at IS 'When this row last changed.';
CREATE TABLE antennactl.worker (
    worker text NOT NULL,
    host text NOT NULL,
    pid integer NOT NULL,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    heartbeat_at timestamp with time zone DEFAULT now() NOT NULL
);
COMMENT ON TABLE antennactl.worker IS 'Processes that stage files; the row is deleted at the end, or when the worker is declared gone.';
COMMENT ON COLUMN antennactl.worker.worker IS 'Its name, and that of its folder in staging.';
COMMENT ON COLUMN antennactl.worker.host IS 'Where it runs.';
COMMENT ON COLUMN antennactl.worker.pid IS 'Its process.';
COMMENT ON COLUMN antennactl.worker.started_at IS 'When it registered.';
COMMENT ON COLUMN antennactl.worker.heartbeat_at IS 'When it was last seen.';
CREATE TABLE public.bytes (
    "timestamp" timestamp with time zone NOT NULL,
    id text NOT NULL,
    value bigint NOT NULL,
    type text NOT NULL
)
WITH (fillfactor='70');
COMMENT ON TABLE public.bytes IS 'Live totals of bytes per window; stream adds to them.';
COMMENT ON COLUMN public.bytes."timestamp" IS 'Start of the window.';
COMMENT ON COLUMN public.bytes.id IS 'The antenna, user or app, as type says.';
COMMENT ON COLUMN public.bytes.value IS 'Sum of bytes; a key that was seen has a row even if it is 0.';
COMMENT ON COLUMN public.bytes.type IS 'antenna_total_bytes, user_total_bytes or app_total_bytes.';
CREATE TABLE public.bytes_hourly (
    "timestamp" timestamp with time zone NOT NULL,
    id text NOT NULL,
    value bigint NOT NULL,
    type text NOT NULL
);
COMMENT ON TABLE public.bytes_hourly IS 'Totals of bytes per hour, computed from the lake; batch replaces an hour as a whole.';
COMMENT ON COLUMN public.bytes_hourly."timestamp" IS 'Start of the hour.';
COMMENT ON COLUMN public.bytes_hourly.id IS 'The antenna, user or app, as type says.';
COMMENT ON COLUMN public.bytes_hourly.value IS 'Sum of bytes.';
COMMENT ON COLUMN public.bytes_hourly.type IS 'antenna_total_bytes, user_total_bytes or app_total_bytes.';
CREATE TABLE public.user_metadata (
    id text NOT NULL,
    name text,
    email text,
    quota bigint
);
COMMENT ON TABLE public.user_metadata IS 'The users; provision brings them in.';
COMMENT ON COLUMN public.user_metadata.id IS 'The user, as in the messages.';
COMMENT ON COLUMN public.user_metadata.name IS 'Their name.';
COMMENT ON COLUMN public.user_metadata.email IS 'Their e-mail address.';
COMMENT ON COLUMN public.user_metadata.quota IS 'Bytes allowed in an hour; null: no quota.';
CREATE TABLE public.user_quota_limit (
    email text,
    usage bigint,
    quota bigint,
    "timestamp" timestamp with time zone
);
COMMENT ON TABLE public.user_quota_limit IS 'Users whose usage in an hour was above their quota; batch replaces an hour as a whole.';
COMMENT ON COLUMN public.user_quota_limit.email IS 'Their e-mail address.';
COMMENT ON COLUMN public.user_quota_limit.usage IS 'Bytes in the hour.';
COMMENT ON COLUMN public.user_quota_limit.quota IS 'Bytes allowed in an hour, when batch ran.';
COMMENT ON COLUMN public.user_quota_limit."timestamp" IS 'Start of the hour.';
CREATE VIEW public.user_quota_live AS
 WITH RECURSIVE hours(hour) AS (
         SELECT date_bin('01:00:00'::interval, min(bytes."timestamp"), '2000-01-01 00:00:00+00'::timestamp with time zone) AS date_bin
           FROM public.bytes
        UNION ALL
         SELECT ( SELECT date_bin('01:00:00'::interval, min(later."timestamp"), '2000-01-01 00:00:00+00'::timestamp with time zone) AS date_bin
                   FROM public.bytes later
                  WHERE (later."timestamp" >= (hours_1.hour + '01:00:00'::interval))) AS date_bin
           FROM hours hours_1
          WHERE (hours_1.hour IS NOT NULL)
        )
 SELECT users.email,
    live.usage,
    users.quota,
    round(((live.usage)::numeric / (NULLIF(users.quota, 0))::numeric), 4) AS share,
    hours.hour
   FROM ((hours
     CROSS JOIN LATERAL ( SELECT windows.id,
            (sum(windows.value))::bigint AS usage
           FROM public.bytes windows
          WHERE ((windows.type = 'user_total_bytes'::text) AND (windows."timestamp" >= hours.hour) AND (windows."timestamp" < (hours.hour + '01:00:00'::interval)))
          GROUP BY windows.id) live)
     JOIN public.user_metadata users ON ((users.id = live.id)))
  WHERE (hours.hour IS NOT NULL);
COMMENT ON VIEW public.user_quota_live IS 'Quota use of known users by hour, from the live totals.';
COMMENT ON COLUMN public.user_quota_live.email IS 'Their e-mail address.';
COMMENT ON COLUMN public.user_quota_live.usage IS 'Bytes in the hour so far.';
COMMENT ON COLUMN public.user_quota_live.quota IS 'Bytes allowed in an hour.';
COMMENT ON COLUMN public.user_quota_live.share IS 'Usage divided by quota, four decimals; null where the quota is 0 or null.';
COMMENT ON COLUMN public.user_quota_live.hour IS 'Start of the hour.';
INSERT INTO antennactl.batch_run VALUES
	('2025-03-01 04:00:00+00', 2, 16451, 0, 0, 0, 0, false, false, '2025-03-01 15:16:25.663311+00'),
	('2025-03-01 05:00:00+00', 8, 39833, 0, 0, 0, 0, false, false, '2025-03-01 15:16:25.703217+00'),
	('2025-03-01 06:00:00+00', 192, 979946, 1, 0, 0, 0, false, false, '2025-03-01 15:16:25.746052+00'),
	('2025-03-01 07:00:00+00', 190, 877568, 1, 0, 0, 0, false, false, '2025-03-01 15:16:25.79273+00');
INSERT INTO antennactl.dead_letter VALUES
	('XkIoBPW1SXWCxTCP80D/ww', 0, 53, 'devices_old3', 'not_object', 'integer', '\x38313930', 4, '2025-03-01 15:16:24.943185+00', NULL),
	('XkIoBPW1SXWCxTCP80D/ww', 1, 19, 'devices_old3', 'not_json', 'at character 0', '\x6465766963652030303030303030302d303030302d303030302d303030302d3030303030303030303031312073656e742033303336', 53, '2025-03-01 15:16:24.943185+00', NULL),
	('XkIoBPW1SXWCxTCP80D/ww', 1, 68, 'devices_old3', 'wrong_type', 'id: integer', '\x7b226279746573223a333439322c2274696d657374616d70223a313734303831333638392c22617070223a224641434554494d45222c226964223a372c22616e74656e6e615f6964223a2230303030303030302d303030302d303030302d303030302d303030303030303030303030227d', 113, '2025-03-01 15:16:24.962076+00', NULL),
	('XkIoBPW1SXWCxTCP80D/ww', 2, 52, 'devices_old3', 'wrong_type', 'bytes: number with a fraction or an exponent', '\x7b226279746573223a312e352c2274696d657374616d70223a313734303831323935312c22617070223a22534b595045222c226964223a2230303030303030302d303030302d303030302d303030302d303030303030303030303134222c22616e74656e6e615f6964223a2231313131313131312d313131312d313131312d313131312d313131313131313131313131227d', 146, '2025-03-01 15:16:24.962076+00', NULL),
	('XkIoBPW1SXWCxTCP80D/ww', 3, 8, 'devices_old3', 'missing_field', 'id', '\x7b226279746573223a373434312c2274696d657374616d70223a313734303830393436322c22617070223a22534b595045222c22616e74656e6e615f6964223a2231313131313131312d313131312d313131312d313131312d313131313131313131313131227d', 103, '2025-03-01 15:16:24.971796+00', NULL),
	('XkIoBPW1SXWCxTCP80D/ww', 3, 37, 'devices_old3', 'wrong_type', 'bytes: true or false', '\x7b226279746573223a747275652c2274696d657374616d70223a313734303831313435302c22617070223a2246414345424f4f4b222c226964223a2230303030303030302d303030302d303030302d303030302d303030303030303030303131222c22616e74656e6e615f6964223a2232323232323232322d323232322d323232322d323232322d323232323232323232323232227d', 150, '2025-03-01 15:16:24.971796+00', NULL),
	('XkIoBPW1SXWCxTCP80D/ww', 3, 59, 'devices_old3', 'wrong_type', 'id: integer', '\x7b226279746573223a313432342c2274696d657374616d70223a313734303831323731372c22617070223a2254454c454752414d222c226964223a372c22616e74656e6e615f6964223a2233333333333333332d333333332d333333332d333333332d333333333333333333333333227d', 113, '2025-03-01 15:16:24.971796+00', NULL),
	('XkIoBPW1SXWCxTCP80D/ww', 3, 78, 'devices_old3', 'not_json', 'at character 111', '\x7b226279746573223a363136352c2274696d657374616d70223a313734303831343430302c22617070223a224641434554494d45222c226964223a2230303030303030302d303030302d303030302d303030302d303030303030303030303131222c22616e74656e6e615f6964223a2232323232323232322d323232322d32323232', 130, '2025-03-01 15:16:24.971796+00', NULL);
INSERT INTO antennactl.lake_file VALUES
	('data/year=2025/month=3/day=1/hour=4/part-01a20e21-2c8e-73cf-abbd-52b5cffe2b93.parquet', 'staging/vm_effffffc-1233446b_19443_65f3abb6/01a20e21-2c8e-73cf-abbd-52b5cffe2b93-20250301T04.parquet', '2025-03-01 04:00:00+00', 1, 7143, 'd0cbbfdc820b8d13e06347b0f3ffc9ecca1c965e8e402eda0543845395a7feb6', '01a20e21-2c8e-73cf-abbd-52b5cffe2b93', '2025-03-01 15:16:24.943185+00', '2025-03-01 15:16:24.961252+00', NULL, NULL),
	('data/year=2025/month=3/day=1/hour=5/part-01a20e21-2c8e-73cf-abbd-52b5cffe2b93.parquet', 'staging/vm_effffffc-1233446b_19443_65f3abb6/01a20e21-2c8e-73cf-abbd-52b5cffe2b93-20250301T05.parquet', '2025-03-01 05:00:00+00', 1, 7879, '77301974f73630ce4b48e5c8f7d693d8d00b1fd4b314e72065b23c942785b8db', '01a20e21-2c8e-73cf-abbd-52b5cffe2b93', '2025-03-01 15:16:24.943185+00', '2025-03-01 15:16:24.961274+00', NULL, NULL),
	('data/year=2025/month=3/day=1/hour=6/part-01a20e21-2c8e-73cf-abbd-52b5cffe2b93.parquet', 'staging/vm_effffffc-1233446b_19443_65f3abb6/01a20e21-2c8e-73cf-abbd-52b5cffe2b93-20250301T06.parquet', '2025-03-01 06:00:00+00', 101, 520505, 'ee0c83ff28f97645e27979f1c56bc7b55bd7b42ef38aaa16872470e380400598', '01a20e21-2c8e-73cf-abbd-52b5cffe2b93', '2025-03-01 15:16:24.943185+00', '2025-03-01 15:16:24.961278+00', NULL, NULL),
	('data/year=2025/month=3/day=1/hour=7/part-01a20e21-2c8e-73cf-abbd-52b5cffe2b93.parquet', 'staging/vm_effffffc-1233446b_19443_65f3abb6/01a20e21-2c8e-73cf-abbd-52b5cffe2b93-20250301T07.parquet', '2025-03-01 07:00:00+00', 45, 222606, '791731d20cbd6c03e2bb08676f54826cf83ea56c97984207e8a7c3078a3ef50c', '01a20e21-2c8e-73cf-abbd-52b5cffe2b93', '2025-03-01 15:16:24.943185+00', '2025-03-01 15:16:24.96128+00', NULL, NULL),
	('data/year=2025/month=3/day=1/hour=4/part-01a20e21-2ccc-748a-bb26-d91756b36d7a.parquet', 'staging/vm_effffffc-1233446b_19443_65f3abb6/01a20e21-2ccc-748a-bb26-d91756b36d7a-20250301T04.parquet', '2025-03-01 04:00:00+00', 1, 9308, '5cdb4253dbefa8f178b859c831fa5597790419561b3011458b694ef45d9c366a', '01a20e21-2ccc-748a-bb26-d91756b36d7a', '2025-03-01 15:16:24.962076+00', '2025-03-01 15:16:24.971162+00', NULL, NULL),
	('data/year=2025/month=3/day=1/hour=5/part-01a20e21-2ccc-748a-bb26-d91756b36d7a.parquet', 'staging/vm_effffffc-1233446b_19443_65f3abb6/01a20e21-2ccc-748a-bb26-d91756b36d7a-20250301T05.parquet', '2025-03-01 05:00:00+00', 3, 15942, '2810fe7dfc5bb669f8e45861c6d93051b2512c374a96a5fbfbc9c85c7bc24702', '01a20e21-2ccc-748a-bb26-d91756b36d7a', '2025-03-01 15:16:24.962076+00', '2025-03-01 15:16:24.971176+00', NULL, NULL),
	('data/year=2025/month=3/day=1/hour=6/part-01a20e21-2ccc-748a-bb26-d91756b36d7a.parquet', 'staging/vm_effffffc-1233446b_19443_65f3abb6/01a20e21-2ccc-748a-bb26-d91756b36d7a-20250301T06.parquet', '2025-03-01 06:00:00+00', 42, 221156, '0076ae743eef8a5f11a737fd57491c1d814e3eb127587df813eb7aad7ca07518', '01a20e21-2ccc-748a-bb26-d91756b36d7a', '2025-03-01 15:16:24.962076+00', '2025-03-01 15:16:24.971179+00', NULL, NULL),
	('data/year=2025/month=3/day=1/hour=7/part-01a20e21-2ccc-748a-bb26-d91756b36d7a.parquet', 'staging/vm_effffffc-1233446b_19443_65f3abb6/01a20e21-2ccc-748a-bb26-d91756b36d7a-20250301T07.parquet', '2025-03-01 07:00:00+00', 102, 451203, 'c1b1bd6c708b7b6074ef31bb46f7dcfeda377dd150d4020ce4f7aedefd91d58f', '01a20e21-2ccc-748a-bb26-d91756b36d7a', '2025-03-01 15:16:24.962076+00', '2025-03-01 15:16:24.971182+00', NULL, NULL),
	('data/year=2025/month=3/day=1/hour=5/part-01a20e21-2cea-7071-a9b3-1f33cf795389.parquet', 'staging/vm_effffffc-1233446b_19443_65f3abb6/01a20e21-2cea-7071-a9b3-1f33cf795389-20250301T05.parquet', '2025-03-01 05:00:00+00', 4, 16012, '0adacbbb0535c78b4881c166659733cda8ec1444f7422284843d8cc0b3c4f6f6', '01a20e21-2cea-7071-a9b3-1f33cf795389', '2025-03-01 15:16:24.971796+00', '2025-03-01 15:16:24.979964+00', NULL, NULL),
	('data/year=2025/month=3/day=1/hour=6/part-01a20e21-2cea-7071-a9b3-1f33cf795389.parquet', 'staging/vm_effffffc-1233446b_19443_65f3abb6/01a20e21-2cea-7071-a9b3-1f33cf795389-20250301T06.parquet', '2025-03-01 06:00:00+00', 49, 238285, '90061771ce22d205b0dcf141bb7c104e707f78429bc12be3f8f35ef3140ecd6c', '01a20e21-2cea-7071-a9b3-1f33cf795389', '2025-03-01 15:16:24.971796+00', '2025-03-01 15:16:24.979977+00', NULL, NULL),
	('data/year=2025/month=3/day=1/hour=7/part-01a20e21-2cea-7071-a9b3-1f33cf795389.parquet', 'staging/vm_effffffc-1233446b_19443_65f3abb6/01a20e21-2cea-7071-a9b3-1f33cf795389-20250301T07.parquet', '2025-03-01 07:00:00+00', 43, 203759, '472a9b2753f646b526ca4b8f2526a86bf0626c2a53a9e2116bd9434797f5143f', '01a20e21-2cea-7071-a9b3-1f33cf795389', '2025-03-01 15:16:24.971796+00', '2025-03-01 15:16:24.979981+00', NULL, NULL),
	('data/year=2025/month=3/day=1/hour=7/part-01a20e21-34a2-7928-8a2b-4d6406a4d5f8.parquet', 'staging/vm_effffffc-1233446b_19554_04ea5fe3/01a20e21-34a2-7928-8a2b-4d6406a4d5f8-20250301T07.parquet', '2025-03-01 07:00:00+00', 40, 214214, '834809c78be6f06569557c2288c03d78b4b2347135de8db83af368ffcc26d206', '01a20e21-34a2-7928-8a2b-4d6406a4d5f8', '2025-03-01 15:16:26.992114+00', NULL, NULL, NULL);
INSERT INTO antennactl.micro_batch VALUES
	('01a20e21-2c8e-73cf-abbd-52b5cffe2b93', 'vm_effffffc-1233446b_19443_65f3abb6', 148, 2, 0, 5, 758133, '{"poll": 25.6, "stage": 18.4, "decode": 14.1, "totals": 43.1}', '2025-03-01 15:16:24.943185+00'),
	('01a20e21-2ccc-748a-bb26-d91756b36d7a', 'vm_effffffc-1233446b_19443_65f3abb6', 148, 2, 2, 3, 697609, '{"poll": 1.1, "stage": 12.0, "decode": 3.4, "totals": 3.1}', '2025-03-01 15:16:24.962076+00'),
	('01a20e21-2cea-7071-a9b3-1f33cf795389', 'vm_effffffc-1233446b_19443_65f3abb6', 96, 4, 4, 0, 458056, '{"poll": 100.9, "stage": 11.7, "decode": 4.4, "totals": 2.7}', '2025-03-01 15:16:24.971796+00'),
	('01a20e21-34a2-7928-8a2b-4d6406a4d5f8', 'vm_effffffc-1233446b_19554_04ea5fe3', 40, 0, 40, 0, 214214, '{"poll": 101.2, "stage": 6.7, "decode": 7.8, "totals": 40.8}', '2025-03-01 15:16:26.992114+00');
INSERT INTO antennactl.offset_range VALUES
	('XkIoBPW1SXWCxTCP80D/ww', 0, 0, 97, '01a20e21-2c8e-73cf-abbd-52b5cffe2b93', 96, 1, 0, NULL),
	('XkIoBPW1SXWCxTCP80D/ww', 1, 0, 53, '01a20e21-2c8e-73cf-abbd-52b5cffe2b93', 52, 1, 0, NULL),
	('XkIoBPW1SXWCxTCP80D/ww', 1, 53, 99, '01a20e21-2ccc-748a-bb26-d91756b36d7a', 45, 1, 0, NULL),
	('XkIoBPW1SXWCxTCP80D/ww', 2, 0, 103, '01a20e21-2ccc-748a-bb26-d91756b36d7a', 102, 1, 0, NULL),
	('XkIoBPW1SXWCxTCP80D/ww', 3, 0, 1, '01a20e21-2ccc-748a-bb26-d91756b36d7a', 1, 0, 0, NULL),
	('XkIoBPW1SXWCxTCP80D/ww', 3, 1, 101, '01a20e21-2cea-7071-a9b3-1f33cf795389', 96, 4, 0, NULL),
	('XkIoBPW1SXWCxTCP80D/ww', 0, 97, 103, '01a20e21-34a2-7928-8a2b-4d6406a4d5f8', 6, 0, 0, NULL),
	('XkIoBPW1SXWCxTCP80D/ww', 1, 99, 107, '01a20e21-34a2-7928-8a2b-4d6406a4d5f8', 8, 0, 0, NULL),
	('XkIoBPW1SXWCxTCP80D/ww', 2, 103, 116, '01a20e21-34a2-7928-8a2b-4d6406a4d5f8', 13, 0, 0, NULL),
	('XkIoBPW1SXWCxTCP80D/ww', 3, 101, 114, '01a20e21-34a2-7928-8a2b-4d6406a4d5f8', 13, 0, 0, NULL);
INSERT INTO antennactl.setting VALUES
	('schema_version', '4'),
	('ledger', '8bf905c6-e30b-487f-9f30-245e8a57f854'),
	('window_s', '300');
INSERT INTO antennactl.stream_offset VALUES
	('XkIoBPW1SXWCxTCP80D/ww', 0, 'devices_old3', 103, '2025-03-01 07:57:53+00', '2025-03-01 15:16:26.804544+00', '2025-03-01 15:16:26.99632+00'),
	('XkIoBPW1SXWCxTCP80D/ww', 1, 'devices_old3', 107, '2025-03-01 07:59:16+00', '2025-03-01 15:16:25.139405+00', '2025-03-01 15:16:26.99633+00'),
	('XkIoBPW1SXWCxTCP80D/ww', 2, 'devices_old3', 116, '2025-03-01 07:58:59+00', '2025-03-01 15:16:25.139405+00', '2025-03-01 15:16:26.996334+00'),
	('XkIoBPW1SXWCxTCP80D/ww', 3, 'devices_old3', 114, '2025-03-01 07:59:57+00', '2025-03-01 15:16:25.139405+00', '2025-03-01 15:16:26.996336+00');
INSERT INTO antennactl.worker VALUES
	('vm_effffffc-1233446b_19554_04ea5fe3', 'vm', 19554, '2025-03-01 15:16:26.587635+00', '2025-03-01 15:16:26.992934+00');
INSERT INTO public.bytes VALUES
	('2025-03-01 04:50:00+00', '00000000-0000-0000-0000-000000000001', 7143, 'user_total_bytes'),
	('2025-03-01 04:50:00+00', '44444444-4444-4444-4444-444444444444', 7143, 'antenna_total_bytes'),
	('2025-03-01 04:50:00+00', 'TELEGRAM', 7143, 'app_total_bytes'),
	('2025-03-01 05:25:00+00', '00000000-0000-0000-0000-000000000011', 7879, 'user_total_bytes'),
	('2025-03-01 05:25:00+00', '33333333-3333-3333-3333-333333333333', 7879, 'antenna_total_bytes'),
	('2025-03-01 05:25:00+00', 'WHATSAPP', 7879, 'app_total_bytes'),
	('2025-03-01 06:00:00+00', '00000000-0000-0000-0000-000000000007', 9904, 'user_total_bytes'),
	('2025-03-01 06:00:00+00', '00000000-0000-0000-0000-000000000014', 2891, 'user_total_bytes'),
	('2025-03-01 06:00:00+00', '00000000-0000-0000-0000-000000000019', 15036, 'user_total_bytes'),
	('2025-03-01 06:00:00+00', 'SKYPE', 14471, 'app_total_bytes'),
	('2025-03-01 06:00:00+00', 'TELEGRAM', 622, 'app_total_bytes'),
	('2025-03-01 06:05:00+00', '00000000-0000-0000-0000-000000000002', 3334, 'user_total_bytes'),
	('2025-03-01 06:05:00+00', '00000000-0000-0000-0000-000000000003', 3142, 'user_total_bytes'),
	('2025-03-01 06:05:00+00', '00000000-0000-0000-0000-000000000012', 4770, 'user_total_bytes'),
	('2025-03-01 06:05:00+00', '00000000-0000-0000-0000-000000000014', 1481, 'user_total_bytes'),
	('2025-03-01 06:05:00+00', 'FACETIME', 10485, 'app_total_bytes'),
	('2025-03-01 06:05:00+00', 'ffffffff-ffff-ffff-ffff-000000000751', 4312, 'user_total_bytes'),
	('2025-03-01 06:10:00+00', '00000000-0000-0000-0000-000000000004', 9276, 'user_total_bytes'),
	('2025-03-01 06:10:00+00', 'ffffffff-ffff-ffff-ffff-000000000530', 827, 'user_total_bytes'),
	('2025-03-01 06:15:00+00', '00000000-0000-0000-0000-000000000011', 882, 'user_total_bytes'),
	('2025-03-01 06:15:00+00', '00000000-0000-0000-0000-000000000012', 8537, 'user_total_bytes'),
	('2025-03-01 06:15:00+00', '00000000-0000-0000-0000-000000000013', 6135, 'user_total_bytes'),
	('2025-03-01 06:00:00+00', '00000000-0000-0000-0000-000000000009', 14802, 'user_total_bytes'),
	('2025-03-01 06:00:00+00', '11111111-1111-1111-1111-111111111111', 17282, 'antenna_total_bytes'),
	('2025-03-01 06:05:00+00', '00000000-0000-0000-0000-000000000006', 8262, 'user_total_bytes'),
	('2025-03-01 06:05:00+00', '11111111-1111-1111-1111-111111111111', 8054, 'antenna_total_bytes'),
	('2025-03-01 06:05:00+00', '22222222-2222-2222-2222-222222222222', 15756, 'antenna_total_bytes'),
	('2025-03-01 06:05:00+00', 'FACEBOOK', 15540, 'app_total_bytes'),
	('2025-03-01 06:10:00+00', '00000000-0000-0000-0000-000000000007', 13013, 'user_total_bytes'),
	('2025-03-01 06:10:00+00', 'FACEBOOK', 20473, 'app_total_bytes'),
	('2025-03-01 06:10:00+00', 'FACETIME', 15679, 'app_total_bytes'),
	('2025-03-01 06:15:00+00', '00000000-0000-0000-0000-000000000001', 15988, 'user_total_bytes'),
	('2025-03-01 06:15:00+00', '00000000-0000-0000-0000-000000000009', 10621, 'user_total_bytes'),
	('2025-03-01 06:15:00+00', '33333333-3333-3333-3333-333333333333', 17176, 'antenna_total_bytes'),
	('2025-03-01 06:00:00+00', '00000000-0000-0000-0000-000000000000', 58085, 'antenna_total_bytes'),
	('2025-03-01 06:00:00+00', '00000000-0000-0000-0000-000000000002', 13267, 'user_total_bytes'),
	('2025-03-01 06:00:00+00', '00000000-0000-0000-0000-000000000017', 14807, 'user_total_bytes'),
	('2025-03-01 06:00:00+00', '22222222-2222-2222-2222-222222222222', 20151, 'antenna_total_bytes'),
	('2025-03-01 06:00:00+00', 'FACEBOOK', 49976, 'app_total_bytes'),
	('2025-03-01 06:00:00+00', 'WHATSAPP', 30449, 'app_total_bytes'),
	('2025-03-01 06:05:00+00', '00000000-0000-0000-0000-000000000000', 35605, 'antenna_total_bytes'),
	('2025-03-01 06:05:00+00', 'SKYPE', 17020, 'app_total_bytes'),
	('2025-03-01 06:05:00+00', 'TELEGRAM', 18079, 'app_total_bytes'),
	('2025-03-01 06:10:00+00', '00000000-0000-0000-0000-000000000000', 23381, 'antenna_total_bytes'),
	('2025-03-01 06:10:00+00', '00000000-0000-0000-0000-000000000001', 17449, 'user_total_bytes'),
	('2025-03-01 06:10:00+00', '00000000-0000-0000-0000-000000000006', 13560, 'user_total_bytes'),
	('2025-03-01 06:10:00+00', '00000000-0000-0000-0000-000000000017', 11038, 'user_total_bytes'),
	('2025-03-01 06:10:00+00', '11111111-1111-1111-1111-111111111111', 17004, 'antenna_total_bytes'),
	('2025-03-01 06:10:00+00', '22222222-2222-2222-2222-222222222222', 18447, 'antenna_total_bytes'),
	('2025-03-01 06:10:00+00', '33333333-3333-3333-3333-333333333333', 11609, 'antenna_total_bytes'),
	('2025-03-01 06:10:00+00', 'SKYPE', 6333, 'app_total_bytes'),
	('2025-03-01 06:10:00+00', 'WHATSAPP', 29120, 'app_total_bytes'),
	('2025-03-01 06:15:00+00', '00000000-0000-0000-0000-000000000000', 26231, 'antenna_total_bytes'),
	('2025-03-01 06:15:00+00', '00000000-0000-0000-0000-000000000007', 14977, 'user_total_bytes'),
	('2025-03-01 06:15:00+00', '00000000-0000-0000-0000-000000000014', 6658, 'user_total_bytes'),
	('2025-03-01 06:15:00+00', '11111111-1111-1111-1111-111111111111', 15572, 'antenna_total_bytes'),
	('2025-03-01 06:15:00+00', '22222222-2222-2222-2222-222222222222', 18250, 'antenna_total_bytes'),
	('2025-03-01 06:15:00+00', 'TELEGRAM', 9419, 'app_total_bytes'),
	('2025-03-01 06:20:00+00', '00000000-0000-0000-0000-000000000001', 4455, 'user_total_bytes'),
	('2025-03-01 06:20:00+00', '00000000-0000-0000-0000-000000000003', 4226, 'user_total_bytes'),
	('2025-03-01 06:20:00+00', '00000000-0000-0000-0000-000000000004', 3630, 'user_total_bytes'),
	('2025-03-01 06:20:00+00', '00000000-0000-0000-0000-000000000006', 14946, 'user_total_bytes'),
	('2025-03-01 06:20:00+00', '00000000-0000-0000-0000-000000000011', 11922, 'user_total_bytes'),
	('2025-03-01 06:20:00+00', '00000000-0000-0000-0000-000000000016', 3589, 'user_total_bytes'),
	('2025-03-01 06:20:00+00', '00000000-0000-0000-0000-000000000017', 9200, 'user_total_bytes'),
	('2025-03-01 06:20:00+00', 'FACEBOOK', 16695, 'app_total_bytes'),
	('2025-03-01 06:25:00+00', '00000000-0000-0000-0000-000000000002', 9248, 'user_total_bytes'),
	('2025-03-01 06:25:00+00', '00000000-0000-0000-0000-000000000006', 9065, 'user_total_bytes'),
	('2025-03-01 06:25:00+00', '00000000-0000-0000-0000-000000000007', 7862, 'user_total_bytes'),
	('2025-03-01 06:25:00+00', '00000000-0000-0000-0000-000000000009', 5775, 'user_total_bytes'),
	('2025-03-01 06:25:00+00', '00000000-0000-0000-0000-000000000014', 6876, 'user_total_bytes'),
	('2025-03-01 06:25:00+00', '00000000-0000-0000-0000-000000000017', 8807, 'user_total_bytes'),
	('2025-03-01 06:25:00+00', 'FACETIME', 11709, 'app_total_bytes'),
	('2025-03-01 06:25:00+00', 'SKYPE', 33051, 'app_total_bytes'),
	('2025-03-01 06:30:00+00', '00000000-0000-0000-0000-000000000001', 816, 'user_total_bytes'),
	('2025-03-01 06:30:00+00', '00000000-0000-0000-0000-000000000014', 4425, 'user_total_bytes'),
	('2025-03-01 06:30:00+00', '00000000-0000-0000-0000-000000000019', 8360, 'user_total_bytes'),
	('2025-03-01 06:30:00+00', '22222222-2222-2222-2222-222222222222', 13915, 'antenna_total_bytes'),
	('2025-03-01 06:30:00+00', '33333333-3333-3333-3333-333333333333', 4425, 'antenna_total_bytes'),
	('2025-03-01 06:30:00+00', 'TELEGRAM', 9176, 'app_total_bytes'),
	('2025-03-01 06:35:00+00', '00000000-0000-0000-0000-000000000009', 5970, 'user_total_bytes'),
	('2025-03-01 06:35:00+00', '00000000-0000-0000-0000-000000000014', 12080, 'user_total_bytes'),
	('2025-03-01 06:35:00+00', '00000000-0000-0000-0000-000000000016', 3525, 'user_total_bytes'),
	('2025-03-01 06:15:00+00', 'FACEBOOK', 30351, 'app_total_bytes'),
	('2025-03-01 06:20:00+00', '00000000-0000-0000-0000-000000000000', 21913, 'antenna_total_bytes'),
	('2025-03-01 06:20:00+00', '00000000-0000-0000-0000-000000000002', 12654, 'user_total_bytes'),
	('2025-03-01 06:20:00+00', '00000000-0000-0000-0000-000000000007', 10793, 'user_total_bytes'),
	('2025-03-01 06:20:00+00', '11111111-1111-1111-1111-111111111111', 41719, 'antenna_total_bytes'),
	('2025-03-01 06:20:00+00', 'SKYPE', 12372, 'app_total_bytes'),
	('2025-03-01 06:20:00+00', 'TELEGRAM', 28048, 'app_total_bytes'),
	('2025-03-01 06:20:00+00', 'WHATSAPP', 14368, 'app_total_bytes'),
	('2025-03-01 06:25:00+00', '00000000-0000-0000-0000-000000000001', 3010, 'user_total_bytes'),
	('2025-03-01 06:25:00+00', '22222222-2222-2222-2222-222222222222', 11073, 'antenna_total_bytes'),
	('2025-03-01 06:35:00+00', '00000000-0000-0000-0000-000000000000', 33800, 'antenna_total_bytes'),
	('2025-03-01 06:15:00+00', 'FACETIME', 9019, 'app_total_bytes'),
	('2025-03-01 06:15:00+00', 'SKYPE', 18160, 'app_total_bytes'),
	('2025-03-01 06:15:00+00', 'WHATSAPP', 10280, 'app_total_bytes'),
	('2025-03-01 06:20:00+00', '22222222-2222-2222-2222-222222222222', 23889, 'antenna_total_bytes'),
	('2025-03-01 06:20:00+00', 'FACETIME', 16038, 'app_total_bytes'),
	('2025-03-01 06:25:00+00', '00000000-0000-0000-0000-000000000000', 30748, 'antenna_total_bytes'),
	('2025-03-01 06:25:00+00', '00000000-0000-0000-0000-000000000019', 11243, 'user_total_bytes'),
	('2025-03-01 06:25:00+00', '11111111-1111-1111-1111-111111111111', 34229, 'antenna_total_bytes'),
	('2025-03-01 06:25:00+00', '33333333-3333-3333-3333-333333333333', 4003, 'antenna_total_bytes'),
	('2025-03-01 06:25:00+00', 'WHATSAPP', 12330, 'app_total_bytes'),
	('2025-03-01 06:30:00+00', '00000000-0000-0000-0000-000000000000', 25788, 'antenna_total_bytes'),
	('2025-03-01 06:30:00+00', '00000000-0000-0000-0000-000000000002', 6244, 'user_total_bytes'),
	('2025-03-01 06:30:00+00', '00000000-0000-0000-0000-000000000004', 15402, 'user_total_bytes'),
	('2025-03-01 06:30:00+00', '00000000-0000-0000-0000-000000000006', 15050, 'user_total_bytes'),
	('2025-03-01 06:30:00+00', '00000000-0000-0000-0000-000000000017', 11677, 'user_total_bytes'),
	('2025-03-01 06:30:00+00', '11111111-1111-1111-1111-111111111111', 29538, 'antenna_total_bytes'),
	('2025-03-01 06:30:00+00', 'FACEBOOK', 24334, 'app_total_bytes'),
	('2025-03-01 06:30:00+00', 'FACETIME', 14581, 'app_total_bytes'),
	('2025-03-01 06:30:00+00', 'SKYPE', 25575, 'app_total_bytes'),
	('2025-03-01 06:35:00+00', '00000000-0000-0000-0000-000000000006', 17187, 'user_total_bytes'),
	('2025-03-01 06:35:00+00', '00000000-0000-0000-0000-000000000012', 6303, 'user_total_bytes'),
	('2025-03-01 06:35:00+00', '00000000-0000-0000-0000-000000000017', 6298, 'user_total_bytes'),
	('2025-03-01 06:35:00+00', '33333333-3333-3333-3333-333333333333', 4599, 'antenna_total_bytes'),
	('2025-03-01 06:35:00+00', 'FACETIME', 148, 'app_total_bytes'),
	('2025-03-01 06:35:00+00', 'ffffffff-ffff-ffff-ffff-000000000916', 1910, 'user_total_bytes'),
	('2025-03-01 06:40:00+00', '00000000-0000-0000-0000-000000000009', 2404, 'user_total_bytes'),
	('2025-03-01 06:40:00+00', '00000000-0000-0000-0000-000000000011', 9125, 'user_total_bytes'),
	('2025-03-01 06:45:00+00', '00000000-0000-0000-0000-000000000001', 13552, 'user_total_bytes'),
	('2025-03-01 06:45:00+00', '00000000-0000-0000-0000-000000000006', 2551, 'user_total_bytes'),
	('2025-03-01 06:45:00+00', '00000000-0000-0000-0000-000000000014', 675, 'user_total_bytes'),
	('2025-03-01 06:45:00+00', 'ffffffff-ffff-ffff-ffff-000000000341', 1477, 'user_total_bytes'),
	('2025-03-01 06:50:00+00', '00000000-0000-0000-0000-000000000002', 6769, 'user_total_bytes'),
	('2025-03-01 06:50:00+00', '00000000-0000-0000-0000-000000000004', 8573, 'user_total_bytes'),
	('2025-03-01 06:50:00+00', '00000000-0000-0000-0000-000000000009', 13627, 'user_total_bytes'),
	('2025-03-01 06:50:00+00', '00000000-0000-0000-0000-000000000014', 3514, 'user_total_bytes'),
	('2025-03-01 06:50:00+00', '00000000-0000-0000-0000-000000000016', 9799, 'user_total_bytes'),
	('2025-03-01 06:50:00+00', '33333333-3333-3333-3333-333333333333', 8270, 'antenna_total_bytes'),
	('2025-03-01 06:50:00+00', '44444444-4444-4444-4444-444444444444', 17088, 'antenna_total_bytes'),
	('2025-03-01 06:50:00+00', 'WHATSAPP', 7289, 'app_total_bytes'),
	('2025-03-01 06:55:00+00', '00000000-0000-0000-0000-000000000004', 9767, 'user_total_bytes'),
	('2025-03-01 06:55:00+00', '00000000-0000-0000-0000-000000000011', 3893, 'user_total_bytes'),
	('2025-03-01 06:55:00+00', '00000000-0000-0000-0000-000000000014', 6085, 'user_total_bytes'),
	('2025-03-01 06:35:00+00', 'WHATSAPP', 18907, 'app_total_bytes'),
	('2025-03-01 06:40:00+00', '00000000-0000-0000-0000-000000000012', 25272, 'user_total_bytes'),
	('2025-03-01 06:40:00+00', '33333333-3333-3333-3333-333333333333', 24438, 'antenna_total_bytes'),
	('2025-03-01 06:40:00+00', 'SKYPE', 6679, 'app_total_bytes'),
	('2025-03-01 06:40:00+00', 'TELEGRAM', 20908, 'app_total_bytes'),
	('2025-03-01 06:50:00+00', '00000000-0000-0000-0000-000000000012', 5794, 'user_total_bytes'),
	('2025-03-01 06:50:00+00', 'FACEBOOK', 18523, 'app_total_bytes'),
	('2025-03-01 06:55:00+00', '00000000-0000-0000-0000-000000000007', 4677, 'user_total_bytes'),
	('2025-03-01 06:35:00+00', '11111111-1111-1111-1111-111111111111', 21276, 'antenna_total_bytes'),
	('2025-03-01 06:35:00+00', '22222222-2222-2222-2222-222222222222', 29984, 'antenna_total_bytes'),
	('2025-03-01 06:35:00+00', 'FACEBOOK', 14689, 'app_total_bytes'),
	('2025-03-01 06:35:00+00', 'TELEGRAM', 27731, 'app_total_bytes'),
	('2025-03-01 06:40:00+00', '00000000-0000-0000-0000-000000000000', 15968, 'antenna_total_bytes'),
	('2025-03-01 06:40:00+00', '00000000-0000-0000-0000-000000000017', 17974, 'user_total_bytes'),
	('2025-03-01 06:40:00+00', '00000000-0000-0000-0000-000000000019', 8299, 'user_total_bytes'),
	('2025-03-01 06:40:00+00', '11111111-1111-1111-1111-111111111111', 24847, 'antenna_total_bytes'),
	('2025-03-01 06:40:00+00', 'FACEBOOK', 29293, 'app_total_bytes'),
	('2025-03-01 06:40:00+00', 'WHATSAPP', 10331, 'app_total_bytes'),
	('2025-03-01 06:45:00+00', '00000000-0000-0000-0000-000000000000', 15030, 'antenna_total_bytes'),
	('2025-03-01 06:45:00+00', '00000000-0000-0000-0000-000000000017', 22156, 'user_total_bytes'),
	('2025-03-01 06:45:00+00', '11111111-1111-1111-1111-111111111111', 38686, 'antenna_total_bytes'),
	('2025-03-01 06:45:00+00', '22222222-2222-2222-2222-222222222222', 19193, 'antenna_total_bytes'),
	('2025-03-01 06:45:00+00', '33333333-3333-3333-3333-333333333333', 12032, 'antenna_total_bytes'),
	('2025-03-01 06:45:00+00', 'FACEBOOK', 19725, 'app_total_bytes'),
	('2025-03-01 06:45:00+00', 'FACETIME', 20785, 'app_total_bytes'),
	('2025-03-01 06:45:00+00', 'SKYPE', 12303, 'app_total_bytes'),
	('2025-03-01 06:45:00+00', 'WHATSAPP', 7719, 'app_total_bytes'),
	('2025-03-01 06:50:00+00', '00000000-0000-0000-0000-000000000000', 15465, 'antenna_total_bytes'),
	('2025-03-01 06:50:00+00', '00000000-0000-0000-0000-000000000006', 32504, 'user_total_bytes'),
	('2025-03-01 06:50:00+00', '11111111-1111-1111-1111-111111111111', 25508, 'antenna_total_bytes'),
	('2025-03-01 06:50:00+00', '22222222-2222-2222-2222-222222222222', 32509, 'antenna_total_bytes'),
	('2025-03-01 06:50:00+00', 'FACETIME', 21414, 'app_total_bytes'),
	('2025-03-01 06:50:00+00', 'SKYPE', 33564, 'app_total_bytes'),
	('2025-03-01 06:55:00+00', '00000000-0000-0000-0000-000000000017', 9152, 'user_total_bytes'),
	('2025-03-01 06:55:00+00', 'TELEGRAM', 26346, 'app_total_bytes'),
	('2025-03-01 06:55:00+00', 'ffffffff-ffff-ffff-ffff-000000000919', 504, 'user_total_bytes'),
	('2025-03-01 07:00:00+00', '00000000-0000-0000-0000-000000000004', 13180, 'user_total_bytes'),
	('2025-03-01 07:00:00+00', '00000000-0000-0000-0000-000000000016', 9787, 'user_total_bytes'),
	('2025-03-01 07:05:00+00', '00000000-0000-0000-0000-000000000016', 7505, 'user_total_bytes'),
	('2025-03-01 07:05:00+00', '44444444-4444-4444-4444-444444444444', 7505, 'antenna_total_bytes'),
	('2025-03-01 07:10:00+00', '00000000-0000-0000-0000-000000000002', 9297, 'user_total_bytes'),
	('2025-03-01 07:10:00+00', '00000000-0000-0000-0000-000000000011', 7865, 'user_total_bytes'),
	('2025-03-01 07:15:00+00', '00000000-0000-0000-0000-000000000006', 7521, 'user_total_bytes'),
	('2025-03-01 07:15:00+00', 'FACETIME', 15304, 'app_total_bytes'),
	('2025-03-01 07:20:00+00', '00000000-0000-0000-0000-000000000016', 4382, 'user_total_bytes'),
	('2025-03-01 07:20:00+00', 'SKYPE', 5418, 'app_total_bytes'),
	('2025-03-01 07:25:00+00', '00000000-0000-0000-0000-000000000009', 609, 'user_total_bytes'),
	('2025-03-01 07:25:00+00', '22222222-2222-2222-2222-222222222222', 4061, 'antenna_total_bytes'),
	('2025-03-01 07:00:00+00', '00000000-0000-0000-0000-000000000001', 4977, 'user_total_bytes'),
	('2025-03-01 07:00:00+00', 'FACEBOOK', 19026, 'app_total_bytes'),
	('2025-03-01 07:05:00+00', '00000000-0000-0000-0000-000000000001', 7735, 'user_total_bytes'),
	('2025-03-01 07:05:00+00', '00000000-0000-0000-0000-000000000004', 2234, 'user_total_bytes'),
	('2025-03-01 07:05:00+00', '22222222-2222-2222-2222-222222222222', 6885, 'antenna_total_bytes'),
	('2025-03-01 07:05:00+00', 'SKYPE', 8524, 'app_total_bytes'),
	('2025-03-01 07:10:00+00', '00000000-0000-0000-0000-000000000006', 8624, 'user_total_bytes'),
	('2025-03-01 07:10:00+00', '11111111-1111-1111-1111-111111111111', 34493, 'antenna_total_bytes'),
	('2025-03-01 07:10:00+00', 'WHATSAPP', 27817, 'app_total_bytes'),
	('2025-03-01 07:15:00+00', '00000000-0000-0000-0000-000000000000', 19815, 'antenna_total_bytes'),
	('2025-03-01 07:15:00+00', '00000000-0000-0000-0000-000000000002', 10557, 'user_total_bytes'),
	('2025-03-01 07:15:00+00', '00000000-0000-0000-0000-000000000019', 19212, 'user_total_bytes'),
	('2025-03-01 07:20:00+00', '00000000-0000-0000-0000-000000000000', 16199, 'antenna_total_bytes'),
	('2025-03-01 07:20:00+00', '00000000-0000-0000-0000-000000000004', 12956, 'user_total_bytes'),
	('2025-03-01 07:20:00+00', '00000000-0000-0000-0000-000000000009', 4646, 'user_total_bytes'),
	('2025-03-01 06:55:00+00', '11111111-1111-1111-1111-111111111111', 15330, 'antenna_total_bytes'),
	('2025-03-01 06:55:00+00', '22222222-2222-2222-2222-222222222222', 11414, 'antenna_total_bytes'),
	('2025-03-01 06:55:00+00', 'FACEBOOK', 14592, 'app_total_bytes'),
	('2025-03-01 06:55:00+00', 'SKYPE', 11494, 'app_total_bytes'),
	('2025-03-01 06:55:00+00', 'WHATSAPP', 14063, 'app_total_bytes'),
	('2025-03-01 07:00:00+00', '00000000-0000-0000-0000-000000000000', 52234, 'antenna_total_bytes'),
	('2025-03-01 07:00:00+00', '00000000-0000-0000-0000-000000000006', 3241, 'user_total_bytes'),
	('2025-03-01 07:00:00+00', '00000000-0000-0000-0000-000000000014', 19639, 'user_total_bytes'),
	('2025-03-01 07:00:00+00', '11111111-1111-1111-1111-111111111111', 15118, 'antenna_total_bytes'),
	('2025-03-01 07:00:00+00', '22222222-2222-2222-2222-222222222222', 17007, 'antenna_total_bytes'),
	('2025-03-01 07:00:00+00', 'FACETIME', 34632, 'app_total_bytes'),
	('2025-03-01 07:00:00+00', 'SKYPE', 11826, 'app_total_bytes'),
	('2025-03-01 07:00:00+00', 'TELEGRAM', 18875, 'app_total_bytes'),
	('2025-03-01 07:05:00+00', '11111111-1111-1111-1111-111111111111', 33912, 'antenna_total_bytes'),
	('2025-03-01 07:05:00+00', 'WHATSAPP', 23485, 'app_total_bytes'),
	('2025-03-01 07:10:00+00', '00000000-0000-0000-0000-000000000000', 21429, 'antenna_total_bytes'),
	('2025-03-01 07:10:00+00', 'FACEBOOK', 21690, 'app_total_bytes'),
	('2025-03-01 07:15:00+00', '22222222-2222-2222-2222-222222222222', 29896, 'antenna_total_bytes'),
	('2025-03-01 07:15:00+00', 'WHATSAPP', 10065, 'app_total_bytes'),
	('2025-03-01 07:55:00+00', 'FACEBOOK', 12120, 'app_total_bytes'),
	('2025-03-01 04:45:00+00', '00000000-0000-0000-0000-000000000016', 9308, 'user_total_bytes'),
	('2025-03-01 04:45:00+00', '44444444-4444-4444-4444-444444444444', 9308, 'antenna_total_bytes'),
	('2025-03-01 04:45:00+00', 'TELEGRAM', 9308, 'app_total_bytes'),
	('2025-03-01 05:15:00+00', '00000000-0000-0000-0000-000000000011', 9117, 'user_total_bytes'),
	('2025-03-01 05:15:00+00', '22222222-2222-2222-2222-222222222222', 9117, 'antenna_total_bytes'),
	('2025-03-01 05:15:00+00', 'SKYPE', 9117, 'app_total_bytes'),
	('2025-03-01 05:45:00+00', '00000000-0000-0000-0000-000000000000', 115, 'antenna_total_bytes'),
	('2025-03-01 05:45:00+00', '00000000-0000-0000-0000-000000000009', 115, 'user_total_bytes'),
	('2025-03-01 05:45:00+00', 'SKYPE', 115, 'app_total_bytes'),
	('2025-03-01 05:55:00+00', '00000000-0000-0000-0000-000000000000', 6710, 'antenna_total_bytes'),
	('2025-03-01 05:55:00+00', '00000000-0000-0000-0000-000000000006', 6710, 'user_total_bytes'),
	('2025-03-01 05:55:00+00', 'SKYPE', 6710, 'app_total_bytes'),
	('2025-03-01 07:30:00+00', '00000000-0000-0000-0000-000000000001', 32348, 'user_total_bytes'),
	('2025-03-01 07:25:00+00', 'TELEGRAM', 14075, 'app_total_bytes'),
	('2025-03-01 07:25:00+00', 'WHATSAPP', 8744, 'app_total_bytes'),
	('2025-03-01 07:30:00+00', '11111111-1111-1111-1111-111111111111', 31356, 'antenna_total_bytes'),
	('2025-03-01 07:30:00+00', '22222222-2222-2222-2222-222222222222', 32112, 'antenna_total_bytes'),
	('2025-03-01 07:30:00+00', 'FACETIME', 20040, 'app_total_bytes'),
	('2025-03-01 07:30:00+00', 'SKYPE', 27646, 'app_total_bytes'),
	('2025-03-01 07:35:00+00', '00000000-0000-0000-0000-000000000000', 67328, 'antenna_total_bytes'),
	('2025-03-01 07:35:00+00', '00000000-0000-0000-0000-000000000009', 25967, 'user_total_bytes'),
	('2025-03-01 07:40:00+00', '00000000-0000-0000-0000-000000000007', 12635, 'user_total_bytes'),
	('2025-03-01 07:35:00+00', 'TELEGRAM', 50106, 'app_total_bytes'),
	('2025-03-01 07:40:00+00', '00000000-0000-0000-0000-000000000000', 40006, 'antenna_total_bytes'),
	('2025-03-01 07:40:00+00', '00000000-0000-0000-0000-000000000002', 19436, 'user_total_bytes'),
	('2025-03-01 07:40:00+00', '00000000-0000-0000-0000-000000000006', 25787, 'user_total_bytes'),
	('2025-03-01 07:25:00+00', 'FACEBOOK', 47085, 'app_total_bytes'),
	('2025-03-01 07:30:00+00', '00000000-0000-0000-0000-000000000002', 7273, 'user_total_bytes'),
	('2025-03-01 07:30:00+00', '00000000-0000-0000-0000-000000000006', 4410, 'user_total_bytes'),
	('2025-03-01 07:30:00+00', '33333333-3333-3333-3333-333333333333', 22300, 'antenna_total_bytes'),
	('2025-03-01 07:40:00+00', '00000000-0000-0000-0000-000000000004', 15250, 'user_total_bytes'),
	('2025-03-01 07:50:00+00', '00000000-0000-0000-0000-000000000012', 13109, 'user_total_bytes'),
	('2025-03-01 07:40:00+00', '00000000-0000-0000-0000-000000000014', 22800, 'user_total_bytes'),
	('2025-03-01 07:40:00+00', '00000000-0000-0000-0000-000000000019', 3888, 'user_total_bytes'),
	('2025-03-01 07:40:00+00', '11111111-1111-1111-1111-111111111111', 49273, 'antenna_total_bytes'),
	('2025-03-01 07:40:00+00', '22222222-2222-2222-2222-222222222222', 34207, 'antenna_total_bytes'),
	('2025-03-01 07:40:00+00', 'FACEBOOK', 42918, 'app_total_bytes'),
	('2025-03-01 07:40:00+00', 'FACETIME', 38752, 'app_total_bytes'),
	('2025-03-01 07:40:00+00', 'TELEGRAM', 22487, 'app_total_bytes'),
	('2025-03-01 07:45:00+00', '00000000-0000-0000-0000-000000000000', 39499, 'antenna_total_bytes'),
	('2025-03-01 07:45:00+00', '00000000-0000-0000-0000-000000000004', 12416, 'user_total_bytes'),
	('2025-03-01 07:45:00+00', '00000000-0000-0000-0000-000000000011', 18392, 'user_total_bytes'),
	('2025-03-01 07:45:00+00', '00000000-0000-0000-0000-000000000016', 27131, 'user_total_bytes'),
	('2025-03-01 07:45:00+00', '22222222-2222-2222-2222-222222222222', 29015, 'antenna_total_bytes'),
	('2025-03-01 07:45:00+00', 'FACEBOOK', 31703, 'app_total_bytes'),
	('2025-03-01 07:45:00+00', 'SKYPE', 21677, 'app_total_bytes'),
	('2025-03-01 07:45:00+00', 'WHATSAPP', 23193, 'app_total_bytes'),
	('2025-03-01 06:05:00+00', '00000000-0000-0000-0000-000000000009', 4768, 'user_total_bytes'),
	('2025-03-01 06:05:00+00', '00000000-0000-0000-0000-000000000016', 18130, 'user_total_bytes'),
	('2025-03-01 06:05:00+00', '00000000-0000-0000-0000-000000000019', 295, 'user_total_bytes'),
	('2025-03-01 06:05:00+00', '33333333-3333-3333-3333-333333333333', 1709, 'antenna_total_bytes'),
	('2025-03-01 06:10:00+00', '00000000-0000-0000-0000-000000000011', 10506, 'user_total_bytes'),
	('2025-03-01 06:15:00+00', '00000000-0000-0000-0000-000000000006', 2928, 'user_total_bytes'),
	('2025-03-01 06:20:00+00', '00000000-0000-0000-0000-000000000012', 3753, 'user_total_bytes'),
	('2025-03-01 06:20:00+00', 'ffffffff-ffff-ffff-ffff-000000000552', 6389, 'user_total_bytes'),
	('2025-03-01 06:20:00+00', 'ffffffff-ffff-ffff-ffff-000000000705', 1739, 'user_total_bytes'),
	('2025-03-01 06:30:00+00', '00000000-0000-0000-0000-000000000011', 2982, 'user_total_bytes'),
	('2025-03-01 06:35:00+00', '00000000-0000-0000-0000-000000000002', 5348, 'user_total_bytes'),
	('2025-03-01 06:35:00+00', '00000000-0000-0000-0000-000000000011', 19248, 'user_total_bytes'),
	('2025-03-01 06:40:00+00', '00000000-0000-0000-0000-000000000001', 1808, 'user_total_bytes'),
	('2025-03-01 06:40:00+00', '22222222-2222-2222-2222-222222222222', 16613, 'antenna_total_bytes'),
	('2025-03-01 06:45:00+00', '00000000-0000-0000-0000-000000000007', 5743, 'user_total_bytes'),
	('2025-03-01 06:45:00+00', '00000000-0000-0000-0000-000000000019', 4783, 'user_total_bytes'),
	('2025-03-01 06:50:00+00', '00000000-0000-0000-0000-000000000017', 8724, 'user_total_bytes'),
	('2025-03-01 07:00:00+00', '00000000-0000-0000-0000-000000000007', 16192, 'user_total_bytes'),
	('2025-03-01 07:00:00+00', '00000000-0000-0000-0000-000000000017', 2393, 'user_total_bytes'),
	('2025-03-01 07:05:00+00', '00000000-0000-0000-0000-000000000006', 2982, 'user_total_bytes'),
	('2025-03-01 07:05:00+00', '00000000-0000-0000-0000-000000000007', 5443, 'user_total_bytes'),
	('2025-03-01 07:05:00+00', '00000000-0000-0000-0000-000000000017', 9329, 'user_total_bytes'),
	('2025-03-01 07:10:00+00', '00000000-0000-0000-0000-000000000001', 6087, 'user_total_bytes'),
	('2025-03-01 07:10:00+00', '00000000-0000-0000-0000-000000000004', 9896, 'user_total_bytes'),
	('2025-03-01 07:10:00+00', '00000000-0000-0000-0000-000000000007', 4825, 'user_total_bytes'),
	('2025-03-01 07:10:00+00', '00000000-0000-0000-0000-000000000012', 11754, 'user_total_bytes'),
	('2025-03-01 07:10:00+00', '22222222-2222-2222-2222-222222222222', 14129, 'antenna_total_bytes'),
	('2025-03-01 07:10:00+00', 'SKYPE', 5514, 'app_total_bytes'),
	('2025-03-01 07:10:00+00', 'TELEGRAM', 5553, 'app_total_bytes'),
	('2025-03-01 07:15:00+00', '00000000-0000-0000-0000-000000000007', 6793, 'user_total_bytes'),
	('2025-03-01 07:15:00+00', '00000000-0000-0000-0000-000000000011', 7099, 'user_total_bytes'),
	('2025-03-01 07:15:00+00', '00000000-0000-0000-0000-000000000012', 9861, 'user_total_bytes'),
	('2025-03-01 07:15:00+00', '00000000-0000-0000-0000-000000000014', 14746, 'user_total_bytes'),
	('2025-03-01 07:15:00+00', '33333333-3333-3333-3333-333333333333', 6845, 'antenna_total_bytes'),
	('2025-03-01 07:15:00+00', 'FACEBOOK', 27350, 'app_total_bytes'),
	('2025-03-01 06:00:00+00', '00000000-0000-0000-0000-000000000004', 16451, 'user_total_bytes'),
	('2025-03-01 06:05:00+00', '00000000-0000-0000-0000-000000000007', 7583, 'user_total_bytes'),
	('2025-03-01 06:10:00+00', 'TELEGRAM', 11429, 'app_total_bytes'),
	('2025-03-01 06:15:00+00', '00000000-0000-0000-0000-000000000019', 9996, 'user_total_bytes'),
	('2025-03-01 06:25:00+00', 'FACEBOOK', 14106, 'app_total_bytes'),
	('2025-03-01 06:35:00+00', 'SKYPE', 28184, 'app_total_bytes'),
	('2025-03-01 06:40:00+00', '00000000-0000-0000-0000-000000000002', 16984, 'user_total_bytes'),
	('2025-03-01 06:40:00+00', 'FACETIME', 14655, 'app_total_bytes'),
	('2025-03-01 06:45:00+00', '00000000-0000-0000-0000-000000000011', 17000, 'user_total_bytes'),
	('2025-03-01 06:45:00+00', '00000000-0000-0000-0000-000000000012', 9595, 'user_total_bytes'),
	('2025-03-01 06:45:00+00', 'TELEGRAM', 24409, 'app_total_bytes'),
	('2025-03-01 07:05:00+00', '00000000-0000-0000-0000-000000000000', 18797, 'antenna_total_bytes'),
	('2025-03-01 07:05:00+00', '00000000-0000-0000-0000-000000000011', 5465, 'user_total_bytes'),
	('2025-03-01 07:05:00+00', '00000000-0000-0000-0000-000000000014', 17372, 'user_total_bytes'),
	('2025-03-01 07:05:00+00', 'FACEBOOK', 21094, 'app_total_bytes'),
	('2025-03-01 07:05:00+00', 'FACETIME', 13996, 'app_total_bytes'),
	('2025-03-01 07:10:00+00', '00000000-0000-0000-0000-000000000009', 16804, 'user_total_bytes'),
	('2025-03-01 07:10:00+00', '00000000-0000-0000-0000-000000000017', 1879, 'user_total_bytes'),
	('2025-03-01 07:10:00+00', 'FACETIME', 16457, 'app_total_bytes'),
	('2025-03-01 07:15:00+00', '11111111-1111-1111-1111-111111111111', 30719, 'antenna_total_bytes'),
	('2025-03-01 07:15:00+00', 'TELEGRAM', 32056, 'app_total_bytes'),
	('2025-03-01 07:20:00+00', '00000000-0000-0000-0000-000000000011', 1467, 'user_total_bytes'),
	('2025-03-01 07:20:00+00', '00000000-0000-0000-0000-000000000012', 5876, 'user_total_bytes'),
	('2025-03-01 07:20:00+00', '00000000-0000-0000-0000-000000000014', 11206, 'user_total_bytes'),
	('2025-03-01 07:20:00+00', '00000000-0000-0000-0000-000000000019', 8082, 'user_total_bytes'),
	('2025-03-01 07:20:00+00', '33333333-3333-3333-3333-333333333333', 17238, 'antenna_total_bytes'),
	('2025-03-01 07:20:00+00', 'FACETIME', 8435, 'app_total_bytes'),
	('2025-03-01 07:20:00+00', 'TELEGRAM', 17887, 'app_total_bytes'),
	('2025-03-01 07:20:00+00', 'WHATSAPP', 18257, 'app_total_bytes'),
	('2025-03-01 07:25:00+00', '00000000-0000-0000-0000-000000000007', 15509, 'user_total_bytes'),
	('2025-03-01 07:25:00+00', '00000000-0000-0000-0000-000000000011', 15782, 'user_total_bytes'),
	('2025-03-01 07:25:00+00', '00000000-0000-0000-0000-000000000017', 18854, 'user_total_bytes'),
	('2025-03-01 07:25:00+00', '00000000-0000-0000-0000-000000000018', 4188, 'user_total_bytes'),
	('2025-03-01 07:25:00+00', '33333333-3333-3333-3333-333333333333', 18970, 'antenna_total_bytes'),
	('2025-03-01 07:30:00+00', 'ffffffff-ffff-ffff-ffff-000000000090', 3895, 'user_total_bytes'),
	('2025-03-01 07:35:00+00', '00000000-0000-0000-0000-000000000001', 513, 'user_total_bytes'),
	('2025-03-01 07:35:00+00', '00000000-0000-0000-0000-000000000011', 1231, 'user_total_bytes'),
	('2025-03-01 07:35:00+00', '00000000-0000-0000-0000-000000000016', 7630, 'user_total_bytes'),
	('2025-03-01 07:35:00+00', '00000000-0000-0000-0000-000000000019', 6129, 'user_total_bytes'),
	('2025-03-01 07:35:00+00', '44444444-4444-4444-4444-444444444444', 2301, 'antenna_total_bytes'),
	('2025-03-01 07:35:00+00', 'FACETIME', 3728, 'app_total_bytes'),
	('2025-03-01 07:40:00+00', '00000000-0000-0000-0000-000000000012', 3001, 'user_total_bytes'),
	('2025-03-01 07:40:00+00', '33333333-3333-3333-3333-333333333333', 5725, 'antenna_total_bytes'),
	('2025-03-01 07:40:00+00', 'WHATSAPP', 1817, 'app_total_bytes'),
	('2025-03-01 07:45:00+00', '00000000-0000-0000-0000-000000000001', 4654, 'user_total_bytes'),
	('2025-03-01 07:45:00+00', '00000000-0000-0000-0000-000000000007', 835, 'user_total_bytes'),
	('2025-03-01 07:45:00+00', '00000000-0000-0000-0000-000000000019', 5938, 'user_total_bytes'),
	('2025-03-01 07:20:00+00', '00000000-0000-0000-0000-000000000006', 1563, 'user_total_bytes'),
	('2025-03-01 07:20:00+00', '11111111-1111-1111-1111-111111111111', 21756, 'antenna_total_bytes'),
	('2025-03-01 07:20:00+00', '22222222-2222-2222-2222-222222222222', 1648, 'antenna_total_bytes'),
	('2025-03-01 07:25:00+00', '00000000-0000-0000-0000-000000000000', 32374, 'antenna_total_bytes'),
	('2025-03-01 07:25:00+00', '00000000-0000-0000-0000-000000000012', 9887, 'user_total_bytes'),
	('2025-03-01 07:25:00+00', '11111111-1111-1111-1111-111111111111', 24952, 'antenna_total_bytes'),
	('2025-03-01 07:35:00+00', '00000000-0000-0000-0000-000000000012', 17213, 'user_total_bytes'),
	('2025-03-01 07:35:00+00', '33333333-3333-3333-3333-333333333333', 13079, 'antenna_total_bytes'),
	('2025-03-01 07:50:00+00', '00000000-0000-0000-0000-000000000000', 39042, 'antenna_total_bytes'),
	('2025-03-01 07:30:00+00', '00000000-0000-0000-0000-000000000000', 16790, 'antenna_total_bytes'),
	('2025-03-01 07:30:00+00', '00000000-0000-0000-0000-000000000004', 12155, 'user_total_bytes'),
	('2025-03-01 07:30:00+00', '00000000-0000-0000-0000-000000000012', 21530, 'user_total_bytes'),
	('2025-03-01 07:30:00+00', '00000000-0000-0000-0000-000000000014', 9816, 'user_total_bytes'),
	('2025-03-01 07:30:00+00', 'FACEBOOK', 5309, 'app_total_bytes'),
	('2025-03-01 07:30:00+00', 'WHATSAPP', 35385, 'app_total_bytes'),
	('2025-03-01 07:35:00+00', '00000000-0000-0000-0000-000000000004', 12750, 'user_total_bytes'),
	('2025-03-01 07:35:00+00', '00000000-0000-0000-0000-000000000006', 8870, 'user_total_bytes'),
	('2025-03-01 07:35:00+00', '00000000-0000-0000-0000-000000000007', 12634, 'user_total_bytes'),
	('2025-03-01 07:35:00+00', '00000000-0000-0000-0000-000000000014', 8008, 'user_total_bytes'),
	('2025-03-01 07:35:00+00', '00000000-0000-0000-0000-000000000017', 17444, 'user_total_bytes'),
	('2025-03-01 07:35:00+00', '11111111-1111-1111-1111-111111111111', 32879, 'antenna_total_bytes'),
	('2025-03-01 07:35:00+00', '22222222-2222-2222-2222-222222222222', 11697, 'antenna_total_bytes'),
	('2025-03-01 07:35:00+00', 'FACEBOOK', 11754, 'app_total_bytes'),
	('2025-03-01 07:35:00+00', 'SKYPE', 41627, 'app_total_bytes'),
	('2025-03-01 07:35:00+00', 'WHATSAPP', 20069, 'app_total_bytes'),
	('2025-03-01 07:40:00+00', 'SKYPE', 23237, 'app_total_bytes'),
	('2025-03-01 07:45:00+00', '00000000-0000-0000-0000-000000000002', 17504, 'user_total_bytes'),
	('2025-03-01 07:45:00+00', '11111111-1111-1111-1111-111111111111', 38220, 'antenna_total_bytes'),
	('2025-03-01 07:45:00+00', 'FACETIME', 7387, 'app_total_bytes'),
	('2025-03-01 07:45:00+00', 'TELEGRAM', 26079, 'app_total_bytes'),
	('2025-03-01 07:50:00+00', '00000000-0000-0000-0000-000000000003', 6361, 'user_total_bytes'),
	('2025-03-01 07:50:00+00', '00000000-0000-0000-0000-000000000004', 5647, 'user_total_bytes'),
	('2025-03-01 07:50:00+00', '00000000-0000-0000-0000-000000000006', 6162, 'user_total_bytes'),
	('2025-03-01 07:50:00+00', '00000000-0000-0000-0000-000000000007', 10320, 'user_total_bytes'),
	('2025-03-01 07:50:00+00', '00000000-0000-0000-0000-000000000009', 3228, 'user_total_bytes'),
	('2025-03-01 07:50:00+00', '00000000-0000-0000-0000-000000000014', 4370, 'user_total_bytes'),
	('2025-03-01 07:50:00+00', '00000000-0000-0000-0000-000000000017', 1674, 'user_total_bytes'),
	('2025-03-01 07:50:00+00', '00000000-0000-0000-0000-000000000019', 9131, 'user_total_bytes'),
	('2025-03-01 07:50:00+00', '11111111-1111-1111-1111-111111111111', 24325, 'antenna_total_bytes'),
	('2025-03-01 07:50:00+00', '22222222-2222-2222-2222-222222222222', 19492, 'antenna_total_bytes'),
	('2025-03-01 07:50:00+00', '44444444-4444-4444-4444-444444444444', 404, 'antenna_total_bytes'),
	('2025-03-01 07:50:00+00', 'FACEBOOK', 19458, 'app_total_bytes'),
	('2025-03-01 07:50:00+00', 'SKYPE', 14286, 'app_total_bytes'),
	('2025-03-01 07:50:00+00', 'WHATSAPP', 7827, 'app_total_bytes'),
	('2025-03-01 07:55:00+00', '00000000-0000-0000-0000-000000000001', 16455, 'user_total_bytes'),
	('2025-03-01 07:55:00+00', '00000000-0000-0000-0000-000000000002', 4771, 'user_total_bytes'),
	('2025-03-01 07:55:00+00', '00000000-0000-0000-0000-000000000009', 7732, 'user_total_bytes'),
	('2025-03-01 07:55:00+00', '00000000-0000-0000-0000-000000000014', 5380, 'user_total_bytes'),
	('2025-03-01 07:55:00+00', '11111111-1111-1111-1111-111111111111', 32134, 'antenna_total_bytes'),
	('2025-03-01 07:55:00+00', '33333333-3333-3333-3333-333333333333', 682, 'antenna_total_bytes'),
	('2025-03-01 07:55:00+00', 'WHATSAPP', 9106, 'app_total_bytes'),
	('2025-03-01 05:05:00+00', '00000000-0000-0000-0000-000000000007', 4436, 'user_total_bytes'),
	('2025-03-01 05:05:00+00', '33333333-3333-3333-3333-333333333333', 4436, 'antenna_total_bytes'),
	('2025-03-01 05:05:00+00', 'WHATSAPP', 4436, 'app_total_bytes'),
	('2025-03-01 05:25:00+00', '00000000-0000-0000-0000-000000000000', 3466, 'antenna_total_bytes'),
	('2025-03-01 05:25:00+00', '00000000-0000-0000-0000-000000000014', 3466, 'user_total_bytes'),
	('2025-03-01 05:25:00+00', 'TELEGRAM', 3466, 'app_total_bytes'),
	('2025-03-01 05:50:00+00', '00000000-0000-0000-0000-000000000014', 4560, 'user_total_bytes'),
	('2025-03-01 05:50:00+00', '11111111-1111-1111-1111-111111111111', 4560, 'antenna_total_bytes'),
	('2025-03-01 05:50:00+00', 'WHATSAPP', 4560, 'app_total_bytes'),
	('2025-03-01 05:55:00+00', '00000000-0000-0000-0000-000000000001', 3550, 'user_total_bytes'),
	('2025-03-01 05:55:00+00', '11111111-1111-1111-1111-111111111111', 3550, 'antenna_total_bytes'),
	('2025-03-01 05:55:00+00', 'FACETIME', 3550, 'app_total_bytes'),
	('2025-03-01 06:00:00+00', '00000000-0000-0000-0000-000000000012', 8360, 'user_total_bytes'),
	('2025-03-01 06:05:00+00', '00000000-0000-0000-0000-000000000004', 5047, 'user_total_bytes'),
	('2025-03-01 06:10:00+00', '00000000-0000-0000-0000-000000000002', 278, 'user_total_bytes'),
	('2025-03-01 06:10:00+00', '00000000-0000-0000-0000-000000000019', 7087, 'user_total_bytes'),
	('2025-03-01 06:10:00+00', '44444444-4444-4444-4444-444444444444', 12593, 'antenna_total_bytes'),
	('2025-03-01 06:15:00+00', '00000000-0000-0000-0000-000000000016', 507, 'user_total_bytes'),
	('2025-03-01 06:20:00+00', '00000000-0000-0000-0000-000000000019', 225, 'user_total_bytes'),
	('2025-03-01 06:25:00+00', '00000000-0000-0000-0000-000000000004', 2051, 'user_total_bytes'),
	('2025-03-01 06:25:00+00', '00000000-0000-0000-0000-000000000012', 6555, 'user_total_bytes'),
	('2025-03-01 06:25:00+00', '00000000-0000-0000-0000-000000000016', 9561, 'user_total_bytes'),
	('2025-03-01 06:25:00+00', 'TELEGRAM', 8857, 'app_total_bytes'),
	('2025-03-01 06:30:00+00', '00000000-0000-0000-0000-000000000007', 6126, 'user_total_bytes'),
	('2025-03-01 07:50:00+00', '00000000-0000-0000-0000-000000000001', 12767, 'user_total_bytes'),
	('2025-03-01 07:50:00+00', '00000000-0000-0000-0000-000000000002', 20418, 'user_total_bytes'),
	('2025-03-01 07:50:00+00', 'FACETIME', 37316, 'app_total_bytes'),
	('2025-03-01 07:50:00+00', 'TELEGRAM', 14300, 'app_total_bytes'),
	('2025-03-01 07:55:00+00', '00000000-0000-0000-0000-000000000000', 17566, 'antenna_total_bytes'),
	('2025-03-01 07:55:00+00', '00000000-0000-0000-0000-000000000004', 9619, 'user_total_bytes'),
	('2025-03-01 07:55:00+00', '00000000-0000-0000-0000-000000000007', 6648, 'user_total_bytes'),
	('2025-03-01 07:55:00+00', '00000000-0000-0000-0000-000000000016', 12391, 'user_total_bytes'),
	('2025-03-01 07:55:00+00', '22222222-2222-2222-2222-222222222222', 20255, 'antenna_total_bytes'),
	('2025-03-01 07:55:00+00', 'FACETIME', 19293, 'app_total_bytes'),
	('2025-03-01 07:55:00+00', 'SKYPE', 12091, 'app_total_bytes'),
	('2025-03-01 07:55:00+00', 'TELEGRAM', 18027, 'app_total_bytes'),
	('2025-03-01 06:30:00+00', '00000000-0000-0000-0000-000000000012', 2584, 'user_total_bytes'),
	('2025-03-01 06:35:00+00', '00000000-0000-0000-0000-000000000001', 9081, 'user_total_bytes'),
	('2025-03-01 06:35:00+00', '00000000-0000-0000-0000-000000000004', 2709, 'user_total_bytes'),
	('2025-03-01 06:45:00+00', '00000000-0000-0000-0000-000000000016', 7409, 'user_total_bytes'),
	('2025-03-01 06:50:00+00', '00000000-0000-0000-0000-000000000001', 3161, 'user_total_bytes'),
	('2025-03-01 06:50:00+00', '00000000-0000-0000-0000-000000000007', 6375, 'user_total_bytes'),
	('2025-03-01 06:50:00+00', 'TELEGRAM', 18050, 'app_total_bytes'),
	('2025-03-01 06:55:00+00', '00000000-0000-0000-0000-000000000000', 39751, 'antenna_total_bytes'),
	('2025-03-01 06:55:00+00', '00000000-0000-0000-0000-000000000002', 16085, 'user_total_bytes'),
	('2025-03-01 06:55:00+00', '00000000-0000-0000-0000-000000000006', 12913, 'user_total_bytes'),
	('2025-03-01 06:55:00+00', '00000000-0000-0000-0000-000000000009', 2844, 'user_total_bytes'),
	('2025-03-01 06:55:00+00', '00000000-0000-0000-0000-000000000012', 575, 'user_total_bytes'),
	('2025-03-01 07:00:00+00', '00000000-0000-0000-0000-000000000009', 5328, 'user_total_bytes'),
	('2025-03-01 07:00:00+00', '00000000-0000-0000-0000-000000000012', 3190, 'user_total_bytes'),
	('2025-03-01 07:00:00+00', '00000000-0000-0000-0000-000000000019', 6432, 'user_total_bytes'),
	('2025-03-01 07:05:00+00', '00000000-0000-0000-0000-000000000012', 9034, 'user_total_bytes'),
	('2025-03-01 07:10:00+00', '33333333-3333-3333-3333-333333333333', 6980, 'antenna_total_bytes'),
	('2025-03-01 07:15:00+00', '00000000-0000-0000-0000-000000000001', 2500, 'user_total_bytes'),
	('2025-03-01 07:15:00+00', '00000000-0000-0000-0000-000000000004', 3438, 'user_total_bytes'),
	('2025-03-01 07:15:00+00', '00000000-0000-0000-0000-000000000017', 5548, 'user_total_bytes'),
	('2025-03-01 07:15:00+00', 'SKYPE', 2500, 'app_total_bytes'),
	('2025-03-01 07:20:00+00', '00000000-0000-0000-0000-000000000001', 4483, 'user_total_bytes'),
	('2025-03-01 07:20:00+00', '00000000-0000-0000-0000-000000000007', 2180, 'user_total_bytes'),
	('2025-03-01 07:20:00+00', 'FACEBOOK', 6844, 'app_total_bytes'),
	('2025-03-01 07:25:00+00', '00000000-0000-0000-0000-000000000001', 8816, 'user_total_bytes'),
	('2025-03-01 07:25:00+00', '00000000-0000-0000-0000-000000000016', 6712, 'user_total_bytes'),
	('2025-03-01 07:25:00+00', 'SKYPE', 10453, 'app_total_bytes'),
	('2025-03-01 07:30:00+00', '00000000-0000-0000-0000-000000000009', 1159, 'user_total_bytes'),
	('2025-03-01 07:30:00+00', '00000000-0000-0000-0000-000000000011', 1507, 'user_total_bytes'),
	('2025-03-01 07:45:00+00', '00000000-0000-0000-0000-000000000003', 5007, 'user_total_bytes'),
	('2025-03-01 07:45:00+00', '00000000-0000-0000-0000-000000000017', 8865, 'user_total_bytes'),
	('2025-03-01 07:50:00+00', '33333333-3333-3333-3333-333333333333', 9924, 'antenna_total_bytes'),
	('2025-03-01 07:55:00+00', '00000000-0000-0000-0000-000000000019', 7641, 'user_total_bytes'),
	('2025-03-01 07:30:00+00', '00000000-0000-0000-0000-000000000017', 7027, 'user_total_bytes'),
	('2025-03-01 07:30:00+00', '00000000-0000-0000-0000-000000000019', 7342, 'user_total_bytes'),
	('2025-03-01 07:30:00+00', '44444444-4444-4444-4444-444444444444', 5904, 'antenna_total_bytes'),
	('2025-03-01 07:30:00+00', 'TELEGRAM', 20082, 'app_total_bytes'),
	('2025-03-01 07:35:00+00', '00000000-0000-0000-0000-000000000002', 8895, 'user_total_bytes'),
	('2025-03-01 07:40:00+00', '00000000-0000-0000-0000-000000000001', 14650, 'user_total_bytes'),
	('2025-03-01 07:40:00+00', '00000000-0000-0000-0000-000000000009', 5567, 'user_total_bytes'),
	('2025-03-01 07:40:00+00', '00000000-0000-0000-0000-000000000011', 6197, 'user_total_bytes'),
	('2025-03-01 07:45:00+00', '00000000-0000-0000-0000-000000000006', 5005, 'user_total_bytes'),
	('2025-03-01 07:45:00+00', '00000000-0000-0000-0000-000000000012', 4292, 'user_total_bytes'),
	('2025-03-01 07:45:00+00', '33333333-3333-3333-3333-333333333333', 3305, 'antenna_total_bytes');
INSERT INTO public.bytes_hourly VALUES
	('2025-03-01 04:00:00+00', '00000000-0000-0000-0000-000000000001', 7143, 'user_total_bytes'),
	('2025-03-01 04:00:00+00', '00000000-0000-0000-0000-000000000016', 9308, 'user_total_bytes'),
	('2025-03-01 04:00:00+00', '44444444-4444-4444-4444-444444444444', 16451, 'antenna_total_bytes'),
	('2025-03-01 04:00:00+00', 'TELEGRAM', 16451, 'app_total_bytes'),
	('2025-03-01 05:00:00+00', '00000000-0000-0000-0000-000000000000', 10291, 'antenna_total_bytes'),
	('2025-03-01 05:00:00+00', '00000000-0000-0000-0000-000000000001', 3550, 'user_total_bytes'),
	('2025-03-01 05:00:00+00', '00000000-0000-0000-0000-000000000006', 6710, 'user_total_bytes'),
	('2025-03-01 05:00:00+00', '00000000-0000-0000-0000-000000000007', 4436, 'user_total_bytes'),
	('2025-03-01 05:00:00+00', '00000000-0000-0000-0000-000000000009', 115, 'user_total_bytes'),
	('2025-03-01 05:00:00+00', '00000000-0000-0000-0000-000000000011', 16996, 'user_total_bytes'),
	('2025-03-01 05:00:00+00', '00000000-0000-0000-0000-000000000014', 8026, 'user_total_bytes'),
	('2025-03-01 05:00:00+00', '11111111-1111-1111-1111-111111111111', 8110, 'antenna_total_bytes'),
	('2025-03-01 05:00:00+00', '22222222-2222-2222-2222-222222222222', 9117, 'antenna_total_bytes'),
	('2025-03-01 05:00:00+00', '33333333-3333-3333-3333-333333333333', 12315, 'antenna_total_bytes'),
	('2025-03-01 05:00:00+00', 'FACETIME', 3550, 'app_total_bytes'),
	('2025-03-01 05:00:00+00', 'SKYPE', 15942, 'app_total_bytes'),
	('2025-03-01 05:00:00+00', 'TELEGRAM', 3466, 'app_total_bytes'),
	('2025-03-01 05:00:00+00', 'WHATSAPP', 16875, 'app_total_bytes'),
	('2025-03-01 06:00:00+00', '00000000-0000-0000-0000-000000000000', 341765, 'antenna_total_bytes'),
	('2025-03-01 06:00:00+00', '00000000-0000-0000-0000-000000000001', 69320, 'user_total_bytes'),
	('2025-03-01 06:00:00+00', '00000000-0000-0000-0000-000000000002', 90211, 'user_total_bytes'),
	('2025-03-01 06:00:00+00', '00000000-0000-0000-0000-000000000003', 7368, 'user_total_bytes'),
	('2025-03-01 06:00:00+00', '00000000-0000-0000-0000-000000000004', 72906, 'user_total_bytes'),
	('2025-03-01 06:00:00+00', '00000000-0000-0000-0000-000000000006', 128966, 'user_total_bytes'),
	('2025-03-01 06:00:00+00', '00000000-0000-0000-0000-000000000007', 87053, 'user_total_bytes'),
	('2025-03-01 06:00:00+00', '00000000-0000-0000-0000-000000000009', 60811, 'user_total_bytes'),
	('2025-03-01 06:00:00+00', '00000000-0000-0000-0000-000000000011', 75558, 'user_total_bytes'),
	('2025-03-01 06:00:00+00', '00000000-0000-0000-0000-000000000012', 82098, 'user_total_bytes'),
	('2025-03-01 06:00:00+00', '00000000-0000-0000-0000-000000000013', 6135, 'user_total_bytes'),
	('2025-03-01 06:00:00+00', '00000000-0000-0000-0000-000000000014', 44685, 'user_total_bytes'),
	('2025-03-01 06:00:00+00', '00000000-0000-0000-0000-000000000016', 52520, 'user_total_bytes'),
	('2025-03-01 06:00:00+00', '00000000-0000-0000-0000-000000000017', 119833, 'user_total_bytes'),
	('2025-03-01 06:00:00+00', '00000000-0000-0000-0000-000000000019', 65324, 'user_total_bytes'),
	('2025-03-01 06:00:00+00', '11111111-1111-1111-1111-111111111111', 289045, 'antenna_total_bytes'),
	('2025-03-01 06:00:00+00', '22222222-2222-2222-2222-222222222222', 231194, 'antenna_total_bytes'),
	('2025-03-01 06:00:00+00', '33333333-3333-3333-3333-333333333333', 88261, 'antenna_total_bytes'),
	('2025-03-01 06:00:00+00', '44444444-4444-4444-4444-444444444444', 29681, 'antenna_total_bytes'),
	('2025-03-01 06:00:00+00', 'FACEBOOK', 268297, 'app_total_bytes'),
	('2025-03-01 06:00:00+00', 'FACETIME', 134513, 'app_total_bytes'),
	('2025-03-01 06:00:00+00', 'SKYPE', 219206, 'app_total_bytes'),
	('2025-03-01 06:00:00+00', 'TELEGRAM', 203074, 'app_total_bytes'),
	('2025-03-01 06:00:00+00', 'WHATSAPP', 154856, 'app_total_bytes'),
	('2025-03-01 06:00:00+00', 'ffffffff-ffff-ffff-ffff-000000000341', 1477, 'user_total_bytes'),
	('2025-03-01 06:00:00+00', 'ffffffff-ffff-ffff-ffff-000000000530', 827, 'user_total_bytes'),
	('2025-03-01 06:00:00+00', 'ffffffff-ffff-ffff-ffff-000000000552', 6389, 'user_total_bytes'),
	('2025-03-01 06:00:00+00', 'ffffffff-ffff-ffff-ffff-000000000705', 1739, 'user_total_bytes'),
	('2025-03-01 06:00:00+00', 'ffffffff-ffff-ffff-ffff-000000000751', 4312, 'user_total_bytes'),
	('2025-03-01 06:00:00+00', 'ffffffff-ffff-ffff-ffff-000000000916', 1910, 'user_total_bytes'),
	('2025-03-01 06:00:00+00', 'ffffffff-ffff-ffff-ffff-000000000919', 504, 'user_total_bytes'),
	('2025-03-01 07:00:00+00', '00000000-0000-0000-0000-000000000000', 319983, 'antenna_total_bytes'),
	('2025-03-01 07:00:00+00', '00000000-0000-0000-0000-000000000001', 95386, 'user_total_bytes'),
	('2025-03-01 07:00:00+00', '00000000-0000-0000-0000-000000000002', 70311, 'user_total_bytes'),
	('2025-03-01 07:00:00+00', '00000000-0000-0000-0000-000000000003', 11368, 'user_total_bytes'),
	('2025-03-01 07:00:00+00', '00000000-0000-0000-0000-000000000004', 88098, 'user_total_bytes'),
	('2025-03-01 07:00:00+00', '00000000-0000-0000-0000-000000000006', 53060, 'user_total_bytes'),
	('2025-03-01 07:00:00+00', '00000000-0000-0000-0000-000000000007', 82136, 'user_total_bytes'),
	('2025-03-01 07:00:00+00', '00000000-0000-0000-0000-000000000009', 60859, 'user_total_bytes'),
	('2025-03-01 07:00:00+00', '00000000-0000-0000-0000-000000000011', 52952, 'user_total_bytes'),
	('2025-03-01 07:00:00+00', '00000000-0000-0000-0000-000000000012', 85799, 'user_total_bytes'),
	('2025-03-01 07:00:00+00', '00000000-0000-0000-0000-000000000014', 89467, 'user_total_bytes'),
	('2025-03-01 07:00:00+00', '00000000-0000-0000-0000-000000000016', 62670, 'user_total_bytes'),
	('2025-03-01 07:00:00+00', '00000000-0000-0000-0000-000000000017', 52429, 'user_total_bytes'),
	('2025-03-01 07:00:00+00', '00000000-0000-0000-0000-000000000018', 4188, 'user_total_bytes'),
	('2025-03-01 07:00:00+00', '00000000-0000-0000-0000-000000000019', 64950, 'user_total_bytes'),
	('2025-03-01 07:00:00+00', '11111111-1111-1111-1111-111111111111', 287801, 'antenna_total_bytes'),
	('2025-03-01 07:00:00+00', '22222222-2222-2222-2222-222222222222', 157831, 'antenna_total_bytes'),
	('2025-03-01 07:00:00+00', '33333333-3333-3333-3333-333333333333', 101743, 'antenna_total_bytes'),
	('2025-03-01 07:00:00+00', '44444444-4444-4444-4444-444444444444', 10210, 'antenna_total_bytes'),
	('2025-03-01 07:00:00+00', 'FACEBOOK', 231792, 'app_total_bytes'),
	('2025-03-01 07:00:00+00', 'FACETIME', 186632, 'app_total_bytes'),
	('2025-03-01 07:00:00+00', 'SKYPE', 139216, 'app_total_bytes'),
	('2025-03-01 07:00:00+00', 'TELEGRAM', 187330, 'app_total_bytes'),
	('2025-03-01 07:00:00+00', 'WHATSAPP', 132598, 'app_total_bytes'),
	('2025-03-01 07:00:00+00', 'ffffffff-ffff-ffff-ffff-000000000090', 3895, 'user_total_bytes');
INSERT INTO public.user_metadata VALUES
	('00000000-0000-0000-0000-000000000001', 'andres', 'andres@gmail.com', 200000),
	('00000000-0000-0000-0000-000000000002', 'paco', 'paco@gmail.com', 300000),
	('00000000-0000-0000-0000-000000000003', 'juan', 'juan@gmail.com', 100000),
	('00000000-0000-0000-0000-000000000004', 'fede', 'fede@gmail.com', 5000),
	('00000000-0000-0000-0000-000000000005', 'gorka', 'gorka@gmail.com', 200000),
	('00000000-0000-0000-0000-000000000006', 'luis', 'luis@gmail.com', 200000),
	('00000000-0000-0000-0000-000000000007', 'eric', 'eric@gmail.com', 300000),
	('00000000-0000-0000-0000-000000000008', 'carlos', 'carlos@gmail.com', 100000),
	('00000000-0000-0000-0000-000000000009', 'david', 'david@gmail.com', 300000),
	('00000000-0000-0000-0000-000000000010', 'juanchu', 'juanchu@gmail.com', 300000),
	('00000000-0000-0000-0000-000000000011', 'charo', 'charo@gmail.com', 300000),
	('00000000-0000-0000-0000-000000000012', 'delicidas', 'delicidas@gmail.com', 1000000),
	('00000000-0000-0000-0000-000000000013', 'milagros', 'milagros@gmail.com', 200000),
	('00000000-0000-0000-0000-000000000014', 'antonio', 'antonio@gmail.com', 1000000),
	('00000000-0000-0000-0000-000000000015', 'sergio', 'sergio@gmail.com', 1000000),
	('00000000-0000-0000-0000-000000000016', 'maria', 'maria@gmail.com', 1000000),
	('00000000-0000-0000-0000-000000000017', 'cristina', 'cristina@gmail.com', 300000),
	('00000000-0000-0000-0000-000000000018', 'lucia', 'lucia@gmail.com', 300000),
	('00000000-0000-0000-0000-000000000019', 'carlota', 'carlota@gmail.com', 200000),
	('00000000-0000-0000-0000-000000000020', 'emilio', 'emilio@gmail.com', 200000);
INSERT INTO public.user_quota_limit VALUES
	('fede@gmail.com', 72906, 5000, '2025-03-01 06:00:00+00'),
	('fede@gmail.com', 88098, 5000, '2025-03-01 07:00:00+00');
ALTER TABLE ONLY antennactl.batch_run
    ADD CONSTRAINT batch_run_pkey PRIMARY KEY (hour);
ALTER TABLE ONLY antennactl.dead_letter
    ADD CONSTRAINT dead_letter_pkey PRIMARY KEY (topic_id, kafka_partition, kafka_offset);
ALTER TABLE ONLY antennactl.lake_file
    ADD CONSTRAINT lake_file_pkey PRIMARY KEY (path);
ALTER TABLE ONLY antennactl.micro_batch
    ADD CONSTRAINT micro_batch_pkey PRIMARY KEY (batch_id);
ALTER TABLE ONLY antennactl.offset_range
    ADD CONSTRAINT offset_range_pkey PRIMARY KEY (topic_id, kafka_partition, first_offset);
ALTER TABLE ONLY antennactl.setting
    ADD CONSTRAINT setting_pkey PRIMARY KEY (name);
ALTER TABLE ONLY antennactl.stream_offset
    ADD CONSTRAINT stream_offset_pkey PRIMARY KEY (topic_id, kafka_partition);
ALTER TABLE ONLY antennactl.worker
    ADD CONSTRAINT worker_pkey PRIMARY KEY (worker);
ALTER TABLE ONLY public.user_metadata
    ADD CONSTRAINT user_metadata_pkey PRIMARY KEY (id);
CREATE INDEX lake_file_hour ON antennactl.lake_file USING btree (hour);
CREATE INDEX lake_file_unpublished ON antennactl.lake_file USING btree (path) WHERE ((published_at IS NULL) AND (removed_at IS NULL));
CREATE INDEX micro_batch_committed_at ON antennactl.micro_batch USING btree (committed_at);
CREATE UNIQUE INDEX bytes_hourly_key ON public.bytes_hourly USING btree ("timestamp", id, type);
CREATE UNIQUE INDEX bytes_key ON public.bytes USING btree ("timestamp", id, type);
CREATE INDEX user_quota_limit_timestamp ON public.user_quota_limit USING btree ("timestamp");
