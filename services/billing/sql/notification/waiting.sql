-- For operators.
select count(*) from notifications where look_at is not null
