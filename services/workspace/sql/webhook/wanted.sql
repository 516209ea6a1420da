select webhook_id, event_types from webhooks where workspace_id = $1 and enabled order by webhook_id
