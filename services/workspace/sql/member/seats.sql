-- How many belong to the workspace or are invited, and how many may, as far as billing has said.
select w.plan, p.team_members, p.is_scaled, w.plan_quantity,
    (select count(*) from members m where m.workspace_id = $1) as members,
    (select count(*) from invitations i
        where i.workspace_id = $1 and i.accepted_at is null and i.revoked_at is null and i.expires_at > $2) as invited
from workspaces w
left join plan_limits p on p.plan = w.plan
where w.workspace_id = $1
