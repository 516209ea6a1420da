select explanation from request_logs where workspace_id = $1 and id = $2
