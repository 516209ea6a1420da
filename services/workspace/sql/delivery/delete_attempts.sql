delete from webhook_attempts where workspace_id = $1 and webhook_id = $2
