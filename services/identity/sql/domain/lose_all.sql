-- What was proved again since the workspace was deleted stays.
update domains set verified_at = null, missing_since = null
where workspace_id = $1 and verified_at is not null and verified_at <= $2
returning domain
