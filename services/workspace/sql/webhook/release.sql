-- It was locked before: what waits is what its deliveries say now. Nothing where the claim ($4) is over and another process has it.
-- Somebody who has changed it meanwhile has it tried anew.
update webhooks
set claimed_until = $3,
    rests_until = case when updated_at = $8 then $5 else rests_until end,
    failures = case when updated_at = $8 then $6 else failures end,
    failing_since = case when updated_at = $8 then $7 else failing_since end,
    next_at = (select min(d.next_at) from webhook_deliveries d where d.workspace_id = $1 and d.webhook_id = $2)
where workspace_id = $1 and webhook_id = $2 and claimed_until = $4
