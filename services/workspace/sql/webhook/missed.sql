-- Those that were as they are when $3 happened, and have not been told.
select w.webhook_id, w.event_types
from webhooks w
where w.workspace_id = $1 and w.enabled and w.updated_at < $3
    and not exists (
        select 1 from webhook_deliveries d where d.workspace_id = $1 and d.webhook_id = w.webhook_id and d.event_id = $2
    )
order by w.webhook_id
