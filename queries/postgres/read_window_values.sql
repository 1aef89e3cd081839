-- What do the live totals say of these hours, window by window?
-- params: hours timestamptz[]
-- returns: timestamp timestamptz, id text, value bigint, type text
SELECT windows.timestamp, windows.id, windows.value, windows.type
FROM unnest($1::timestamptz[]) AS wanted (hour)
JOIN public.bytes AS windows
    ON windows.timestamp >= wanted.hour
    AND windows.timestamp < wanted.hour + interval '1 hour'
