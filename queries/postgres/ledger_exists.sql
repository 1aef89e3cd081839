-- Is there a ledger in this database?
-- params: none
-- returns: ledger_exists boolean
SELECT to_regclass('antennactl.setting') IS NOT NULL AS ledger_exists
