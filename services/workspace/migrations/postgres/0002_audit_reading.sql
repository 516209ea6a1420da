-- The trail is read by the ids of its events, which rise with time.
create index audit_events_by_id on audit_events (workspace_id, event_id);
