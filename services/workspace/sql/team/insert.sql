insert into teams (team_id, workspace_id, name, name_key, description, limits, external_id, created_at, updated_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $8)
