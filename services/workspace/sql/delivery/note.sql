insert into webhook_attempts (attempt_id, workspace_id, webhook_id, delivery_id, at, status_code, error, duration_ms, answer)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
