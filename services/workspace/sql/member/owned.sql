-- Across tenants: the owner is the predicate. What somebody owns, by plan, and how many its plan allows. What was deleted since $3 counts:
-- its allowances of this month are used.
select w.plan, count(*) as used, max(p.workspaces) as most, cast(max(case when w.workspace_id = $2 then 1 else 0 end) as bigint) as has_this
from members m
join workspaces w on w.workspace_id = m.workspace_id
left join plan_limits p on p.plan = w.plan
where m.user_id = $1 and m.role = 'owner' and (w.deleted_at is null or w.deleted_at >= $3)
group by w.plan
order by w.plan
