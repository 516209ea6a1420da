select workspace_id, payment_id from payments where provider = $1 and reference = $2
