select operator_id, reason, may_write, created_at, expires_at, ended_at
from impersonations
where user_id = $1
order by id
