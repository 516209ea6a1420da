-- Across tenants: whoever did it is the predicate. Newest first: ids rise with time.
select event_id, workspace_id, at, kind, subject, payload
from audit_events
where actor = $1 and ($2 is null or event_id < $2)
order by event_id desc
limit $3
