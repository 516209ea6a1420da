select delivery_id, webhook_id, event_id, event_type, body, status, next_at, created_at
from webhook_deliveries
where workspace_id = $1 and webhook_id = $2 and delivery_id < $3 and ($4 is null or status = $4)
order by delivery_id desc
limit $5
