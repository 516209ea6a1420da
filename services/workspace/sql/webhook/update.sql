-- What is changed is tried anew. The row is locked: what waits is in its deliveries. A process that is sending keeps its claim.
update webhooks
set url = $3, description = $4, event_types = $5, enabled = $6, disabled_because = '', failures = 0, failing_since = null,
    rests_until = null,
    next_at = (select min(d.next_at) from webhook_deliveries d where d.workspace_id = $1 and d.webhook_id = $2),
    updated_at = $7
where workspace_id = $1 and webhook_id = $2
