-- Nothing of one that was removed with its webhook meanwhile.
insert into webhook_attempts (attempt_id, workspace_id, webhook_id, delivery_id, at, status_code, error, duration_ms, answer)
select $1, d.workspace_id, d.webhook_id, d.delivery_id, $5, $6, $7, $8, $9
from webhook_deliveries d
where d.workspace_id = $2 and d.webhook_id = $3 and d.delivery_id = $4
