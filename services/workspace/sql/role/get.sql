select name, description, permissions, created_at, updated_at
from roles
where workspace_id = $1 and name = $2
