select event_id from audit_events where workspace_id = $1 and event_id = $2
