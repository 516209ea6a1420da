select status from payments where workspace_id = $1 and payment_id = $2
