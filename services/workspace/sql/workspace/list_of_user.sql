-- Ids are uuid v7, so their order is the order of creation. Across tenants: the person is the predicate.
select w.workspace_id, w.name, w.plan, w.currency, w.time_zone, w.locale, w.limits, w.per_user, w.per_model,
    w.created_at, w.deleted_at, w.purge_at, m.role
from members m
join workspaces w on w.workspace_id = m.workspace_id
where m.user_id = $1 and w.workspace_id < $2
order by w.workspace_id desc
limit $3
