-- Feeds deliver at least once, and to each replica: the event's id says whether it is already here.
insert into audit_events (event_id, workspace_id, source, position, at, actor, kind, subject, request_id, payload, seq, hash)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
on conflict (event_id) do nothing
