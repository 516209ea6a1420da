select coupon_id, promotion_code_id from redemptions
where workspace_id = $1 and invoice_id = $2 and status = 'reserved'
