select status, asked_at from disputes where workspace_id = $1 and provider = $2 and reference = $3
