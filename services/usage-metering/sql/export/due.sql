-- The export that waits longest: new ones, and those whose writer fell silent.
select *
from exports
where status in ('queued', 'running') and due_at <= $1 and (status = 'queued' or writer_until < $1)
order by due_at
limit 1
