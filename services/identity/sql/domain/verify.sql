-- The index over verified domains decides between two workspaces.
update domains set verified_at = coalesce(verified_at, $3), missing_since = null
where workspace_id = $1 and domain = $2
