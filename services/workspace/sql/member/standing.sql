-- The permissions of a role of the workspace's own; null for one that every workspace has.
select m.role, r.permissions, w.deleted_at is not null as is_closed
from members m
join workspaces w on w.workspace_id = m.workspace_id
left join roles r on r.workspace_id = m.workspace_id and r.name = m.role
where m.workspace_id = $1 and m.user_id = $2
