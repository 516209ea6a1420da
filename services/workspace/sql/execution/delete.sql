delete from executions where workspace_id = $1 and execution_id = $2 returning depth
