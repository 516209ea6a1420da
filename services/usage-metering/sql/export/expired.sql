select *
from exports
where status = 'done' and expires_at <= $1
order by expires_at
limit $2
