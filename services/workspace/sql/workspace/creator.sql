select created_by from workspaces where workspace_id = $1
