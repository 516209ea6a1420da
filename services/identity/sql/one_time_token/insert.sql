insert into one_time_tokens (sha256, purpose, user_id, sign_up_id, email, expires_at)
values ($1, $2, $3, $4, $5, $6)
