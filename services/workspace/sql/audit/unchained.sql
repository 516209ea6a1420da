-- Across tenants: whatever an earlier release has left.
select distinct workspace_id from audit_events where seq is null limit $1
