delete from one_time_tokens
where expires_at <= $1
