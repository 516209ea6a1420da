update providers
set name = $3, name_key = $4, base_url = $5, priority = $6, weight = $7, enabled = $8, models = $9, options = $10,
    sealed_key = $11, key_hint = $12, updated_at = $13
where workspace_id = $1 and provider_id = $2
