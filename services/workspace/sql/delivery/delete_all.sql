delete from webhook_deliveries where workspace_id = $1 and webhook_id = $2
