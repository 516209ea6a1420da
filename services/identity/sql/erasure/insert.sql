-- Asked again it is asked once.
insert into erasures (user_id, asked_at, next_at) values ($1, $2, $3)
on conflict (user_id) do nothing
