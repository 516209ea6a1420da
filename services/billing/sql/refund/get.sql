select refund_id, payment_id, received, amount from refunds where workspace_id = $1 and source = $2
