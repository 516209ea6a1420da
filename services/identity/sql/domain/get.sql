select domain, token, created_at, verified_at, checked_at, missing_since
from domains
where workspace_id = $1 and domain = $2
