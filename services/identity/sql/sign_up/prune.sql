delete from sign_ups
where expires_at <= $1
