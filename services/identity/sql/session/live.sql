-- Those of one person, or of everybody.
select id, user_id
from sessions
where ended_at is null and user_id = coalesce($1, user_id)
order by id
limit $2
