delete from totp_factors
where user_id = $1
