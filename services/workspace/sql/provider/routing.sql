-- Lower priority is tried first; among equals the older one, so that the order never depends on the database.
select provider_id, kind, name, base_url, priority, weight, enabled, models, options, sealed_key, key_hint, created_at,
    updated_at
from providers
where workspace_id = $1 and enabled = true
order by priority, provider_id
