select workspace_id from workspaces where workspace_id = $1
