-- For operators.
select count(*) from mails where next_at is not null
