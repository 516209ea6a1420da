select count(*) as n from workspaces where workspace_id = $1
