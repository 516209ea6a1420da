update coupons set times_redeemed = times_redeemed - 1 where coupon_id = $1 and times_redeemed > 0
