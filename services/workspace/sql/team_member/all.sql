select user_id from team_members where workspace_id = $1 and team_id = $2
