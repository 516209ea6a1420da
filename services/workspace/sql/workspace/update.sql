update workspaces
set name = $2, currency = $3, time_zone = $4, locale = $5, rpm = $6, tpm = $7, concurrency = $8, updated_at = $9
where workspace_id = $1
