select t.team_id, t.name, t.description, t.limits, t.external_id, t.created_at, t.updated_at,
    (select count(*) from team_members m where m.workspace_id = $1 and m.team_id = t.team_id) as members
from teams t
where t.workspace_id = $1 and t.team_id < $2
    and ($4 is null or t.external_id = $4)
    and ($5 is null or t.name_key = $5)
    and ($6 is null or exists (
        select 1 from team_members p where p.workspace_id = $1 and p.team_id = t.team_id and p.user_id = $6))
order by t.team_id desc
limit $3
