select coupons.coupon_id, coupons.version, coupons.times_redeemed, coupon_versions.digest, coupon_versions.data,
    coupon_versions.created_at
from coupons join coupon_versions on coupon_versions.coupon_id = coupons.coupon_id and coupon_versions.version = coupons.version
order by coupons.coupon_id
