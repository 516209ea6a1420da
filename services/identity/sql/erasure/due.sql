select user_id from erasures where next_at <= $1 order by next_at limit 50
