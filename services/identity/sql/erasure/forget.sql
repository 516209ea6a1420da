delete from erasures where user_id = $1
