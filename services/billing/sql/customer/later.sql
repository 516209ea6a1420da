update customers set credits_try_at = $2 where workspace_id = $1
