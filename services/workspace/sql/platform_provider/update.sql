update platform_providers
set name = $2, name_key = $3, base_url = $4, priority = $5, weight = $6, enabled = $7, models = $8, options = $9,
    plans = $10, workspaces = $11, sealed_key = $12, key_hint = $13, updated_at = $14
where provider_id = $1
