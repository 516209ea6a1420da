-- Exports whose bytes are there.
select *
from exports
where status = 'done'
order by workspace_id, id
