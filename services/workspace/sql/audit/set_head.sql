update audit_heads
set seq = $2, hash = $3, at = $4, signature = $5
where workspace_id = $1
