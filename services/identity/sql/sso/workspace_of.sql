-- Of all workspaces: this finds out whose it is.
select workspace_id from sso_connections where id = $1
