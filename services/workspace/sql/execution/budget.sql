-- Across tenants: the digest of the token is the predicate.
select execution_id, workspace_id, created_by, session_id
from executions
where token_sha256 = $1 and closed_at is null
