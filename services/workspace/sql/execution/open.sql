select count(*) as executions from executions where workspace_id = $1 and closed_at is null
