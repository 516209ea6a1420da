-- For operators.
select count(*) from letters where status = 'queued' and next_at is not null
