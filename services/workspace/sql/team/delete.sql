-- Who was in it goes with it.
delete from teams where workspace_id = $1 and team_id = $2
