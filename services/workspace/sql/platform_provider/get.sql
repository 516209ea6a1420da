select provider_id, kind, name, base_url, priority, weight, enabled, models, options, plans, workspaces,
    sealed_key, key_hint, created_at, updated_at
from platform_providers
where provider_id = $1
