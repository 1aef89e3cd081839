-- Which of these windows have no live total that can be seen? Each is looked up by the key's order: an equality might
-- be planned as a scan of all. None, where policies decide which rows this role sees: COPY is refused then.
-- params: window_start timestamptz[]
-- returns: timestamp timestamptz
SELECT w.timestamp
FROM unnest($1::timestamptz[]) AS w (timestamp)
WHERE NOT row_security_active('public.bytes')
    AND (
        SELECT b.timestamp FROM public.bytes AS b WHERE b.timestamp >= w.timestamp ORDER BY b.timestamp LIMIT 1
    ) IS DISTINCT FROM w.timestamp
ORDER BY w.timestamp
