select promotion_code_id, code, coupon_id, is_active, max_redemptions, expires_at, times_redeemed, created_at
from promotion_codes where promotion_code_id = $1
