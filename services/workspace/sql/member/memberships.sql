-- Across tenants: the person is the predicate.
select w.workspace_id, w.name, m.role
from members m
join workspaces w on w.workspace_id = m.workspace_id
where m.user_id = $1 and w.deleted_at is null
order by m.member_id
