delete from team_members
where workspace_id = $1 and team_id = $2 and user_id in (select unhex(value, '-') from json_each($3))
