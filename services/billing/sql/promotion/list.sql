-- Newest first: ids are in the order of time.
select promotion_code_id, code, coupon_id, is_active, max_redemptions, expires_at, times_redeemed, created_at
from promotion_codes
where ($1 is null or coupon_id = $1) and ($2 is null or promotion_code_id < $2)
order by promotion_code_id desc
limit $3
