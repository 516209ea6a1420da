insert into platform_providers (provider_id, kind, name, name_key, base_url, priority, weight, enabled, models, options,
    plans, workspaces, sealed_key, key_hint, created_at, updated_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15)
