select count(*) as n from coupons
