select m.member_id, m.user_id, m.role, m.created_at, p.email, p.name
from members m
left join people p on p.user_id = m.user_id
where m.workspace_id = $1 and m.user_id = $2
