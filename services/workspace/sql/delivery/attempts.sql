select delivery_id, at, status_code, error, duration_ms, answer
from webhook_attempts
where workspace_id = $1 and webhook_id = $2 and delivery_id >= $3 and delivery_id <= $4
order by attempt_id
