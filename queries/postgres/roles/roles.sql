-- Four roles without a login, each with what its commands need and nothing else:
--   antennactl_owner   provision, prune, rebuild: owns schema, tables and view
--   antennactl_stream  stream, rejects: adds to totals and ledger, reads payloads, knows no name and no e-mail
--   antennactl_batch   batch, compact, verify: hourly results; sees no payload and cannot change live totals
--   antennactl_reader  report, status, quota, trace, dashboards: reads the four tables, view and ledger; sees no payload
-- Run it as a superuser, or as a database owner with CREATEROLE: before the first provision, and again after each one
-- that changed the schema. Twice is the same as once; rights given by other hands to the last three are taken back.
-- Roles belong to the whole server, grants to this database.
SET LOCAL search_path = pg_catalog;

DO $$
DECLARE
    role_name text;
BEGIN
    FOREACH role_name IN ARRAY ARRAY['antennactl_owner', 'antennactl_stream', 'antennactl_batch', 'antennactl_reader']
    LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
        END IF;
        EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), role_name);
        EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', role_name);
    END LOOP;
    -- provision reads the users into a temporary table.
    EXECUTE format('GRANT CREATE, TEMPORARY ON DATABASE %I TO antennactl_owner', current_database());
    GRANT CREATE ON SCHEMA public TO antennactl_owner;
    -- Who is not a superuser can only give away what he is a member of.
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        EXECUTE format('GRANT antennactl_owner TO %I', current_user);
    END IF;
END
$$;

DO $$
DECLARE
    relation record;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'antennactl') THEN
        RAISE NOTICE 'not provisioned yet: run this again after antennactl provision';
        RETURN;
    END IF;

    ALTER SCHEMA antennactl OWNER TO antennactl_owner;
    FOR relation IN
        SELECT class.oid::regclass AS name
        FROM pg_class AS class
        WHERE class.relkind IN ('r', 'p', 'v')
            AND (
                class.relnamespace = 'antennactl'::regnamespace
                OR class.oid = ANY (ARRAY[
                    'public.user_metadata', 'public.bytes', 'public.bytes_hourly', 'public.user_quota_limit',
                    'public.user_quota_live'
                ]::regclass[])
            )
    LOOP
        EXECUTE format('ALTER TABLE %s OWNER TO antennactl_owner', relation.name);
        EXECUTE format(
            'REVOKE ALL ON %s FROM PUBLIC, antennactl_stream, antennactl_batch, antennactl_reader', relation.name
        );
    END LOOP;

    GRANT USAGE ON SCHEMA antennactl TO antennactl_stream, antennactl_batch, antennactl_reader;
    GRANT SELECT ON
        antennactl.setting, antennactl.stream_offset, antennactl.worker, antennactl.micro_batch,
        antennactl.offset_range, antennactl.lake_file, antennactl.batch_run
    TO antennactl_stream, antennactl_batch, antennactl_reader;

    -- The speed layer, and the replay of dead letters.
    GRANT INSERT, UPDATE (value) ON antennactl.setting TO antennactl_stream;
    GRANT INSERT, UPDATE ON antennactl.stream_offset TO antennactl_stream;
    GRANT INSERT ON antennactl.micro_batch, antennactl.offset_range TO antennactl_stream;
    GRANT INSERT, UPDATE (published_at) ON antennactl.lake_file TO antennactl_stream;
    GRANT SELECT, INSERT, UPDATE (replayed_at) ON antennactl.dead_letter TO antennactl_stream;
    GRANT INSERT, UPDATE (heartbeat_at, partitions, assigned_at), DELETE ON antennactl.worker TO antennactl_stream;
    GRANT SELECT, INSERT, UPDATE (value) ON public.bytes TO antennactl_stream;
    GRANT SELECT (id, quota) ON public.user_metadata TO antennactl_stream;

    -- The batch layer. It recovers before it computes: files are marked as published, lost workers taken away.
    GRANT INSERT, UPDATE ON antennactl.batch_run TO antennactl_batch;
    GRANT INSERT, UPDATE (published_at, removed_at, removed_by) ON antennactl.lake_file TO antennactl_batch;
    GRANT INSERT, UPDATE (heartbeat_at), DELETE ON antennactl.worker TO antennactl_batch;
    GRANT SELECT ON public.bytes, public.user_metadata TO antennactl_batch;
    GRANT SELECT, INSERT, DELETE ON public.bytes_hourly, public.user_quota_limit TO antennactl_batch;

    -- Where a message lay and why it was none, but not what it said.
    GRANT SELECT (
        topic_id, kafka_partition, kafka_offset, topic, reason, payload_bytes, rejected_at, replayed_at
    ) ON antennactl.dead_letter TO antennactl_batch, antennactl_reader;

    GRANT SELECT ON
        public.user_metadata, public.bytes, public.bytes_hourly, public.user_quota_limit, public.user_quota_live
    TO antennactl_reader;
END
$$;
