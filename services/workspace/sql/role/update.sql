update roles
set description = $3, permissions = $4, updated_at = $5
where workspace_id = $1 and name = $2
