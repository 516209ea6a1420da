update domains set missing_since = coalesce(missing_since, $3)
where workspace_id = $1 and domain = $2 and verified_at is not null
