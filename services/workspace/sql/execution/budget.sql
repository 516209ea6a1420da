-- Across tenants: the digest of the token is the predicate.
select e.execution_id, e.workspace_id, e.created_by, e.session_id
from executions e
join workspaces w on w.workspace_id = e.workspace_id
where e.token_sha256 = $1 and e.closed_at is null and w.deleted_at is null
