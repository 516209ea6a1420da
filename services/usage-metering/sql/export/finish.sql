update exports
set status = $4, row_count = $5, byte_count = $6, error = $7, finished_at = $8, expires_at = $9
where workspace_id = $1 and id = $2 and tries = $3 and status = 'running'
