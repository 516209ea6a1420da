select position, id, kind, workspace_id, subject, actor, at, request_id, payload
from outbox
where position > $1
order by position
limit $2
