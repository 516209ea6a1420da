-- Across tenants: the id is the predicate.
select workspace_id from executions where execution_id = $1
