update webhook_deliveries set status = 'pending', next_at = $4
where workspace_id = $1 and webhook_id = $2 and delivery_id = $3
returning delivery_id, webhook_id, event_id, event_type, body, status, next_at, created_at
