-- What waits for its delivery is still needed.
select *
from exports
where status = 'done' and expires_at <= $1 and delivery <> 'waiting'
order by expires_at
limit $2
