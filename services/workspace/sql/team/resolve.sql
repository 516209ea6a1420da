select t.team_id
from teams t
where t.workspace_id = $1 and t.team_id = $2
    and ($3 is null or exists (
        select 1 from team_members m where m.workspace_id = $1 and m.team_id = t.team_id and m.user_id = $3))
