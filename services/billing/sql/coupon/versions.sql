select coupon_versions.coupon_id, coupon_versions.version, coupons.times_redeemed, coupon_versions.digest, coupon_versions.data,
    coupon_versions.created_at
from coupon_versions join coupons on coupons.coupon_id = coupon_versions.coupon_id
where coupon_versions.coupon_id = $1
order by coupon_versions.version desc
