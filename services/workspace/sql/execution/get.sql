select execution_id, workspace_id, entry_id, created_by, depth, sealed_title, created_at, closed_at, outcome
from executions
where workspace_id = $1 and execution_id = $2
