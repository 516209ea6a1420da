-- An open one has the empty outcome.
select execution_id, workspace_id, entry_id, created_by, depth, sealed_title, created_at, closed_at, outcome
from executions
where workspace_id = $1 and entry_id < $2 and ($3 is null or outcome = $3)
order by entry_id desc
limit $4
