-- Are there live totals?
-- params: none
-- returns: has_totals boolean
SELECT EXISTS (SELECT FROM public.bytes) AS has_totals
