update payments set expires_at = $3 where workspace_id = $1 and payment_id = $2
