-- Unless somebody has changed it since it was looked at.
update sso_connections
set client_secret = $3, enforced = $4, default_role = $5, provision = $6, updated_at = $7
where workspace_id = $1 and id = $2 and updated_at = $8
