-- Exports that somebody asked for and that are not done.
select count(*) as n
from exports
where workspace_id = $1 and status in ('queued', 'running') and schedule_id is null
