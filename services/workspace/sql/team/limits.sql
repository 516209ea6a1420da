-- Those that limit nothing as well: the gateway tells them from those that are gone.
select team_id, limits from teams where workspace_id = $1 order by team_id
