insert into promotion_codes
    (promotion_code_id, code, coupon_id, is_active, max_redemptions, expires_at, times_redeemed, created_at)
values ($1, $2, $3, true, $4, $5, 0, $6)
on conflict (code) do nothing
