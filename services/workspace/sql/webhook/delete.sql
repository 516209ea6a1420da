delete from webhooks where workspace_id = $1 and webhook_id = $2
