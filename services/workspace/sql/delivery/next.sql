-- What is due for longest, and what it is signed with. Nothing once the claim ($4) is over and another process has it.
select d.delivery_id, d.event_id, d.body, d.attempts, w.url, w.sealed_secret, w.sealed_before, w.before_until
from webhook_deliveries d
join webhooks w on w.workspace_id = d.workspace_id and w.webhook_id = d.webhook_id
where d.workspace_id = $1 and d.webhook_id = $2 and d.next_at <= $3 and w.enabled and w.claimed_until = $4
order by d.next_at, d.delivery_id
limit 1
