-- Has this ledger never read or kept anything?
-- params: none
-- returns: is_empty boolean
SELECT NOT EXISTS (SELECT FROM antennactl.stream_offset)
    AND NOT EXISTS (SELECT FROM antennactl.offset_range)
    AND NOT EXISTS (SELECT FROM antennactl.micro_batch)
    AND NOT EXISTS (SELECT FROM antennactl.lake_file)
    AND NOT EXISTS (SELECT FROM antennactl.dead_letter)
    AND NOT EXISTS (SELECT FROM antennactl.batch_run)
    AND NOT EXISTS (SELECT FROM public.bytes)
    AND NOT EXISTS (SELECT FROM public.bytes_hourly)
    AND NOT EXISTS (SELECT FROM public.user_quota_limit) AS is_empty
