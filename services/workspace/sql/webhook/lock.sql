-- Changes nothing: the row stays locked until the transaction ends, on both databases.
update webhooks set updated_at = updated_at
where workspace_id = $1 and webhook_id = $2
returning webhook_id, url, description, event_types, enabled, disabled_because, failing_since, before_until, created_at, updated_at
