select limits, user_id, allowed_models, allowed_ips, expires_at, revoked_at, team_id
from api_keys
where workspace_id = $1 and id = $2 and deleted_at is null
