-- What it is already changes nothing.
update workspaces set plan = $2, plan_quantity = $3, updated_at = $4
where workspace_id = $1 and (plan <> $2 or plan_quantity <> $3)
