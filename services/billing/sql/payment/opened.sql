update payments set status = 'open', reference = $3, instructions = $4, expires_at = $5, look_at = $6
where workspace_id = $1 and payment_id = $2 and status = 'new'
