delete from one_time_tokens where user_id = $1 or email = $2
