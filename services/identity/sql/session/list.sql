-- Those of operators who act for the person first, so that no number of others hides one.
select s.id, s.user_agent, s.address, s.created_at, s.last_used_at, s.expires_at
from sessions s
left join impersonations i on i.id = s.id
where s.user_id = $1 and s.ended_at is null and s.expires_at > $2
    and (s.last_used_at > $3 or i.id is not null)
order by (i.id is not null) desc, s.last_used_at desc, s.id desc
limit 200
