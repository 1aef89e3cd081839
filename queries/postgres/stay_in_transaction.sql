-- Lets this transaction wait between its statements for as long as it takes, whatever the server's time-out says.
-- params: none
-- returns: timeout text
SELECT set_config('idle_in_transaction_session_timeout', '0', true) AS timeout
