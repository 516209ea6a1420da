-- Newest first: ids rise with time.
select *
from exports
where workspace_id = $1 and ($2 is null or id < $2)
order by id desc
limit $3
