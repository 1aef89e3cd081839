-- Lets the sorts and hashes of this transaction take more memory than the server's default before they spill to disk.
-- params: size text (with a unit, such as 64MB)
-- returns: set_config text
SELECT set_config('work_mem', $1::text, true)
