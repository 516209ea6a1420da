select m.user_id, m.added_at, w.role, p.email, p.name
from team_members m
join members w on w.workspace_id = m.workspace_id and w.user_id = m.user_id
left join people p on p.user_id = m.user_id
where m.workspace_id = $1 and m.team_id = $2 and m.user_id = $3
