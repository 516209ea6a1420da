-- What was open for all workspaces is open for one from here to the end of the transaction.
select set_config('perpetuo.system', '', true), set_config('perpetuo.workspace', $1::uuid::text, true)
