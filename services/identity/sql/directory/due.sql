select workspace_id, user_id
from directory_users
where pending and next_at <= $1
order by next_at
limit 50
