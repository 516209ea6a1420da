select *
from audit_events
where workspace_id = $1 and seq is null
order by event_id
limit $2
