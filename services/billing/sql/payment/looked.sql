update payments set status = $3, look_at = $4 where workspace_id = $1 and payment_id = $2
