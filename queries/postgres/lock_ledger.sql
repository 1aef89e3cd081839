-- Keeps everybody else from entering partitions or files until the transaction ends.
-- params: none
-- returns: nothing
LOCK TABLE antennactl.stream_offset, antennactl.lake_file IN SHARE ROW EXCLUSIVE MODE
