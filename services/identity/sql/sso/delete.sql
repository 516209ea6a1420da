delete from sso_connections where workspace_id = $1
