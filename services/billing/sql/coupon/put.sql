-- How often it was redeemed stays.
insert into coupons (coupon_id, version, max_redemptions, redeem_by, times_redeemed, created_at, updated_at)
values ($1, $2, $3, $4, 0, $5, $5)
on conflict (coupon_id) do update
set version = excluded.version, max_redemptions = excluded.max_redemptions, redeem_by = excluded.redeem_by, updated_at = excluded.updated_at
