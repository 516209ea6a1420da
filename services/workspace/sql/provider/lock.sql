-- Changes nothing: the row stays locked until the transaction ends, on both databases. Without it one update could
-- move the base URL while another stores a key that was meant for the old address.
update providers set updated_at = updated_at
where workspace_id = $1 and provider_id = $2
returning provider_id, kind, name, base_url, priority, weight, enabled, models, options, sealed_key, key_hint,
    created_at, updated_at
