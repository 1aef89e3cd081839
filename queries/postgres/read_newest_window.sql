-- When does the newest window of the live totals start?
-- params: none
-- returns: timestamp timestamptz (null: there is none)
SELECT max(live.timestamp) AS timestamp
FROM public.bytes AS live
