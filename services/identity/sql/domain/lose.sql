update domains set verified_at = null, missing_since = null
where workspace_id = $1 and domain = $2 and verified_at is not null
