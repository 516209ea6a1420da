update workspaces set deleted_at = $2, purge_at = $3 where workspace_id = $1 and deleted_at is null
