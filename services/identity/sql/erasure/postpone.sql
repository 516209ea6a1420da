update erasures set next_at = $2 where user_id = $1
