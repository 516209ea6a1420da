select workspace_id, payment_id, provider from payments where look_at <= $1 order by look_at limit 100
