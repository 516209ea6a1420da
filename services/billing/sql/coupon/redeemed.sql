select redemption_id from redemptions where workspace_id = $1 and coupon_id = $2 and status <> 'released' limit 1
