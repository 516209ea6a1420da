update webhooks set enabled = false, disabled_because = $3, updated_at = $4
where workspace_id = $1 and webhook_id = $2 and enabled
