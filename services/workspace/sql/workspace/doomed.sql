-- Across tenants. The engine has nothing left of those without executions.
select w.workspace_id
from workspaces w
where w.purge_at <= $1 and not exists (select 1 from executions e where e.workspace_id = w.workspace_id)
order by w.purge_at
limit $2
