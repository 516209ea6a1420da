select id, workspace_id, prefix, name, scopes, limits, created_by, created_at, expires_at, revoked_at,
    last_used_at
from api_keys
where workspace_id = $1 and id = $2 and deleted_at is null
