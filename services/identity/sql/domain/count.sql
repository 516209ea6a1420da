select count(*) from domains where workspace_id = $1
