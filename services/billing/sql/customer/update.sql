update customers set details = $2, updated_at = $3 where workspace_id = $1
