-- Across tenants: the person is the predicate. Workspaces that are closed are among them.
select m.workspace_id, m.role, w.deleted_at,
    (select count(*) from members o where o.workspace_id = m.workspace_id and o.role = 'owner') as owners
from members m
join workspaces w on w.workspace_id = m.workspace_id
where m.user_id = $1
order by m.workspace_id
