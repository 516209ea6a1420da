select id, workspace_id, issuer, client_id, client_secret, enforced, default_role, provision, created_at, updated_at
from sso_connections
where workspace_id = $1
