-- Across tenants.
select e.execution_id, e.workspace_id
from executions e
join workspaces w on w.workspace_id = e.workspace_id
where w.purge_at <= $1
order by e.entry_id
limit $2
