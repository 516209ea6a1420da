-- Ids are uuids v7: their order is that of time.
select at, actor, action, subject, request_id, facts
from platform_audit
order by id desc
limit $1
