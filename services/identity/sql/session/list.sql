select id, user_agent, address, created_at, last_used_at, expires_at
from sessions
where user_id = $1 and ended_at is null and expires_at > $2
    and (last_used_at > $3 or exists (select 1 from impersonations i where i.id = sessions.id))
order by last_used_at desc, id desc
limit 200
