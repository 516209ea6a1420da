-- From where somebody was logged in, lately: also in sessions that have ended since.
select user_agent, address
from sessions
where user_id = $1
order by last_used_at desc, id desc
limit 50
