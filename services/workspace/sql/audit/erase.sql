delete from audit_events where workspace_id = $1
