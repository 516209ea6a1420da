update audit_heads set signature = $3 where workspace_id = $1 and signature = $2
