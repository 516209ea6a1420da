insert into redemptions
    (workspace_id, redemption_id, coupon_id, coupon_version, promotion_code_id, invoice_id, status, created_at, updated_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $8)
