-- What it is already changes nothing.
update workspaces set plan = $2, updated_at = $3 where workspace_id = $1 and plan <> $2
