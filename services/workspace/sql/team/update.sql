update teams
set name = $3, name_key = $4, description = $5, limits = $6, external_id = $7, updated_at = $8
where workspace_id = $1 and team_id = $2
