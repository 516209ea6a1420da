-- Nothing where another process has tried it meanwhile.
update webhook_deliveries set status = $4, attempts = attempts + 1, next_at = $5
where workspace_id = $1 and webhook_id = $2 and delivery_id = $3 and attempts = $6
