insert into recovery_codes (user_id, sha256)
values ($1, $2)
