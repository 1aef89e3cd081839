-- What each table and column holds: for psql's \d+, and for the reference, which is made from these lines.
COMMENT ON TABLE public.user_metadata IS 'The users; provision brings them in.';
COMMENT ON COLUMN public.user_metadata.id IS 'The user, as in the messages.';
COMMENT ON COLUMN public.user_metadata.name IS 'Their name.';
COMMENT ON COLUMN public.user_metadata.email IS 'Their e-mail address.';
COMMENT ON COLUMN public.user_metadata.quota IS 'Bytes allowed in an hour; null: no quota.';

COMMENT ON TABLE public.bytes IS 'Live totals of bytes per window; stream adds to them.';
COMMENT ON COLUMN public.bytes.timestamp IS 'Start of the window.';
COMMENT ON COLUMN public.bytes.id IS 'The antenna, user or app, as type says.';
COMMENT ON COLUMN public.bytes.value IS 'Sum of bytes; a key that was seen has a row even if it is 0.';
COMMENT ON COLUMN public.bytes.type IS 'antenna_total_bytes, user_total_bytes or app_total_bytes.';

COMMENT ON TABLE public.bytes_hourly IS 'Totals of bytes per hour, computed from the lake; batch replaces an hour as a whole.';
COMMENT ON COLUMN public.bytes_hourly.timestamp IS 'Start of the hour.';
COMMENT ON COLUMN public.bytes_hourly.id IS 'The antenna, user or app, as type says.';
COMMENT ON COLUMN public.bytes_hourly.value IS 'Sum of bytes.';
COMMENT ON COLUMN public.bytes_hourly.type IS 'antenna_total_bytes, user_total_bytes or app_total_bytes.';

COMMENT ON TABLE public.user_quota_limit IS 'Users whose usage in an hour was above their quota; batch replaces an hour as a whole.';
COMMENT ON COLUMN public.user_quota_limit.email IS 'Their e-mail address.';
COMMENT ON COLUMN public.user_quota_limit.usage IS 'Bytes in the hour.';
COMMENT ON COLUMN public.user_quota_limit.quota IS 'Bytes allowed in an hour, when batch ran.';
COMMENT ON COLUMN public.user_quota_limit.timestamp IS 'Start of the hour.';

COMMENT ON VIEW public.user_quota_live IS 'Quota use of known users by hour, from the live totals.';
COMMENT ON COLUMN public.user_quota_live.email IS 'Their e-mail address.';
COMMENT ON COLUMN public.user_quota_live.usage IS 'Bytes in the hour so far.';
COMMENT ON COLUMN public.user_quota_live.quota IS 'Bytes allowed in an hour.';
COMMENT ON COLUMN public.user_quota_live.share IS 'Usage divided by quota, four decimals; null where the quota is 0 or null.';
COMMENT ON COLUMN public.user_quota_live.hour IS 'Start of the hour.';

COMMENT ON SCHEMA antennactl IS 'The ledger: what was read from the topic, where it went, and who is at work.';

COMMENT ON TABLE antennactl.setting IS 'The few values that all commands on this database share.';
COMMENT ON COLUMN antennactl.setting.name IS 'ledger, schema_version, window_s or retention_floor.';
COMMENT ON COLUMN antennactl.setting.value IS 'Its value as text.';

COMMENT ON TABLE antennactl.stream_offset IS 'How far each partition was read; a row for every partition from the first start.';
COMMENT ON COLUMN antennactl.stream_offset.topic_id IS 'Kafka''s id of the topic: one made again under the same name has another.';
COMMENT ON COLUMN antennactl.stream_offset.kafka_partition IS 'The partition.';
COMMENT ON COLUMN antennactl.stream_offset.topic IS 'The topic''s name.';
COMMENT ON COLUMN antennactl.stream_offset.next_offset IS 'The first offset that is not in the ledger; each micro-batch moves it by compare-and-set.';
COMMENT ON COLUMN antennactl.stream_offset.max_event_time IS 'Newest event time that was read.';
COMMENT ON COLUMN antennactl.stream_offset.caught_up_at IS 'Clock before the last poll that met the end of the partition.';
COMMENT ON COLUMN antennactl.stream_offset.updated_at IS 'When this row last changed.';

COMMENT ON TABLE antennactl.worker IS 'Processes that stage files; the row is deleted at the end, or when the worker is declared gone.';
COMMENT ON COLUMN antennactl.worker.worker IS 'Its name, and that of its folder in staging.';
COMMENT ON COLUMN antennactl.worker.host IS 'Where it runs.';
COMMENT ON COLUMN antennactl.worker.pid IS 'Its process.';
COMMENT ON COLUMN antennactl.worker.started_at IS 'When it registered.';
COMMENT ON COLUMN antennactl.worker.heartbeat_at IS 'When it was last seen.';

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
