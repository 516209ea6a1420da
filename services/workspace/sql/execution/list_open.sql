-- Across tenants, unless one is named. Where the data key is gone, so is the title.
select e.execution_id, e.workspace_id, e.entry_id, e.created_by, e.depth, e.sealed_title, e.created_at, e.closed_at,
    e.outcome, k.wrapped
from executions e
left join data_keys k on k.workspace_id = e.workspace_id
where e.closed_at is null and ($1 is null or e.workspace_id = $1) and e.entry_id > $2
order by e.entry_id
limit $3
