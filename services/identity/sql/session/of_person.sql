select id, user_agent, address, created_at, last_used_at, expires_at, ended_at, end_reason
from sessions
where user_id = $1
order by created_at, id
