select webhook_id, url, description, event_types, enabled, disabled_because, failing_since, before_until, created_at, updated_at
from webhooks
where workspace_id = $1 and webhook_id = $2
