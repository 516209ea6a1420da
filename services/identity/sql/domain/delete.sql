delete from domains where workspace_id = $1 and domain = $2
returning verified_at
