select seq, hash, at, signature from audit_heads where workspace_id = $1 and seq > 0
