-- Of exactly those that were listed: the bounds and the status are the list's.
select a.delivery_id, a.at, a.status_code, a.error, a.duration_ms, a.answer
from webhook_deliveries d
join webhook_attempts a on a.workspace_id = d.workspace_id and a.webhook_id = d.webhook_id and a.delivery_id = d.delivery_id
where d.workspace_id = $1 and d.webhook_id = $2 and d.delivery_id >= $3 and d.delivery_id <= $4 and ($5 is null or d.status = $5)
order by a.attempt_id
