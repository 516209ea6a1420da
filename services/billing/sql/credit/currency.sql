select currency from credit_grants where workspace_id = $1 order by created_at desc, grant_id desc limit 1
