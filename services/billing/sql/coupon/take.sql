-- Nothing where it is used up or its time is over.
update coupons set times_redeemed = times_redeemed + 1
where coupon_id = $1 and (max_redemptions is null or times_redeemed < max_redemptions) and (redeem_by is null or redeem_by > $2)
