delete from workspaces where workspace_id = $1 and purge_at <= $2
