select id, workspace_id, prefix, name, scopes, limits, created_by, created_at, expires_at, revoked_at,
    last_used_at, user_id, allowed_models, allowed_ips, rotated_at, previous_until, team_id
from api_keys
where workspace_id = $1 and id = $2 and deleted_at is null
