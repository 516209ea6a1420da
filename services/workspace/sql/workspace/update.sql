update workspaces
set name = $2, currency = $3, time_zone = $4, locale = $5, limits = $6, per_user = $7, per_model = $8,
    updated_at = $9
where workspace_id = $1
