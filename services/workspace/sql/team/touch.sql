update teams set updated_at = $3 where workspace_id = $1 and team_id = $2
