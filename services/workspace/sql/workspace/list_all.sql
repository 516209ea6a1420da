-- Across tenants, for operators. The owner is who has been one of the members for longest.
select w.workspace_id, w.name, w.plan, w.currency, w.created_at, o.user_id as owner, p.email as owner_email,
    (select count(*) from members n where n.workspace_id = w.workspace_id) as members
from workspaces w
left join members o on o.workspace_id = w.workspace_id and o.member_id = (
    select m.member_id from members m where m.workspace_id = w.workspace_id and m.role = 'owner' order by m.member_id limit 1
)
left join people p on p.user_id = o.user_id
where w.workspace_id < $1 and ($2 is null or w.workspace_id = $2)
    and ($3 is null or lower(w.name) like $3 escape '!' or exists (
        select 1 from members m join people q on q.user_id = m.user_id
        where m.workspace_id = w.workspace_id and m.role = 'owner' and lower(q.email) like $3 escape '!'
    ))
order by w.workspace_id desc
limit $4
