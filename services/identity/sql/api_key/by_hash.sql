select id, workspace_id, scopes, expires_at, revoked_at
from api_keys
where sha256 = $1
