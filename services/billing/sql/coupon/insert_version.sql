-- Inserts nothing where somebody else has just published a version of this number.
insert into coupon_versions (coupon_id, version, digest, data, created_at) values ($1, $2, $3, $4, $5)
on conflict (coupon_id, version) do nothing
