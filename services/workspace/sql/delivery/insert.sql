insert into webhook_deliveries (delivery_id, workspace_id, webhook_id, event_id, event_type, body, status, attempts, next_at, created_at)
values ($1, $2, $3, $4, $5, $6, 'pending', 0, $7, $7)
on conflict (webhook_id, event_id) do nothing
