update audit_events
set seq = $3, hash = $4
where workspace_id = $1 and event_id = $2 and seq is null
