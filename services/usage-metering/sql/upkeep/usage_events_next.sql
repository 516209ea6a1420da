-- Whose rows come after those of $1.
select workspace_id
from usage_events
where workspace_id > $1
order by workspace_id
limit 1
