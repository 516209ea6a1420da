insert into team_members (team_id, workspace_id, user_id, added_at)
select $2, $1, unhex(value, '-'), $4 from json_each($3)
