-- Webhooks for which more than $1 wait.
select d.workspace_id, d.webhook_id
from webhook_deliveries d
where d.next_at is not null
group by d.workspace_id, d.webhook_id
having count(*) > $1
