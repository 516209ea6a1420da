-- Changes nothing: the row stays locked until the transaction ends, as that of a workspace's own provider does.
update platform_providers set updated_at = updated_at
where provider_id = $1
returning provider_id, kind, name, base_url, priority, weight, enabled, models, options, plans, workspaces,
    sealed_key, key_hint, created_at, updated_at
