-- Lower priority is tried first; among equals the older one, so that the order never depends on the database.
select provider_id, kind, name, base_url, priority, weight, enabled, models, options, plans, workspaces,
    sealed_key, key_hint, created_at, updated_at
from platform_providers
where enabled = true
order by priority, provider_id
