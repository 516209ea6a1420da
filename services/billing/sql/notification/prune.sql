delete from notifications where received_at < $1 and look_at is null
