insert into webhooks (webhook_id, workspace_id, url, description, event_types, enabled, disabled_because, sealed_secret, failures,
    claimed_until, created_at, updated_at)
values ($1, $2, $3, $4, $5, $6, '', $7, 0, $8, $8, $8)
