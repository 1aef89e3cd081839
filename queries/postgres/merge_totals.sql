-- Adds a micro-batch's totals to the live ones. The arrays have to come sorted by key: unsorted merges of two workers
-- deadlock.
-- params: timestamp timestamptz[], id text[], value bigint[], type text[]
-- returns: nothing
INSERT INTO public.bytes AS b (timestamp, id, value, type)
SELECT t.timestamp, t.id, t.value, t.type
FROM unnest($1::timestamptz[], $2::text[], $3::bigint[], $4::text[]) AS t (timestamp, id, value, type)
ON CONFLICT (timestamp, id, type) DO UPDATE SET value = b.value + excluded.value
