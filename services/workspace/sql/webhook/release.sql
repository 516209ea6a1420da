-- It was locked before: what waits is what its deliveries say now. Somebody who has changed it meanwhile has it tried anew.
update webhooks
set claimed_until = $3,
    failures = case when updated_at = $6 then $4 else failures end,
    failing_since = case when updated_at = $6 then $5 else failing_since end,
    next_at = (select min(d.next_at) from webhook_deliveries d where d.workspace_id = $1 and d.webhook_id = $2)
where workspace_id = $1 and webhook_id = $2
