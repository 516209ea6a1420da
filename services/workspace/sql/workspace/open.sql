-- What has begun to go is not opened again.
update workspaces set deleted_at = null, purge_at = null where workspace_id = $1 and purge_at > $2
