update executions set closed_at = $3, outcome = $4
where workspace_id = $1 and execution_id = $2 and closed_at is null
