select created_by, request_sha256, sealed_token from executions where workspace_id = $1 and execution_id = $2
