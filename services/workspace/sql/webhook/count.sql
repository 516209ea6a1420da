select count(*) from webhooks where workspace_id = $1
