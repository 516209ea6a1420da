-- What is changed is tried anew. The row is locked: what waits is in its deliveries.
update webhooks
set url = $3, description = $4, event_types = $5, enabled = $6, disabled_because = '', failures = 0, failing_since = null,
    claimed_until = case when $6 and not enabled then $7 else claimed_until end,
    next_at = (select min(d.next_at) from webhook_deliveries d where d.workspace_id = $1 and d.webhook_id = $2),
    updated_at = $7
where workspace_id = $1 and webhook_id = $2
