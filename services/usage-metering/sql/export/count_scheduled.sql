-- Exports of a schedule that are not done.
select count(*) as n
from exports
where workspace_id = $1 and schedule_id = $2 and status in ('queued', 'running')
