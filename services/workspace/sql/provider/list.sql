select provider_id, kind, name, base_url, priority, weight, enabled, models, options, sealed_key, key_hint, created_at,
    updated_at
from providers
where workspace_id = $1 and provider_id < $2
order by provider_id desc
limit $3
