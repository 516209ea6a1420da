insert into api_keys
    (id, workspace_id, sha256, prefix, name, scopes, limits, created_by, user_id, created_at, expires_at, allowed_models,
    allowed_ips, team_id)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
