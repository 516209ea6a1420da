-- Whoever they are: what counts is by what they came.
select s.id, s.user_id, u.email
from sessions s
join users u on u.id = s.user_id
where s.sso_connection_id = $1 and s.ended_at is null
order by s.id
