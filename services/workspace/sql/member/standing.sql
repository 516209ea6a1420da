select m.role, w.deleted_at is not null as is_closed
from members m
join workspaces w on w.workspace_id = m.workspace_id
where m.workspace_id = $1 and m.user_id = $2
