select t.team_id, t.name, t.description, t.limits, t.external_id, t.created_at, t.updated_at,
    (select count(*) from team_members m where m.workspace_id = $1 and m.team_id = t.team_id) as members
from teams t
where t.workspace_id = $1 and t.team_id = $2
