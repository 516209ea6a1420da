-- Exports of a schedule that are not done, or have not arrived.
select count(*) as n
from exports
where workspace_id = $1
    and schedule_id = $2
    and (status in ('queued', 'running') or (status = 'done' and delivery = 'waiting'))
