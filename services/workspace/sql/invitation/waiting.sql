-- For operators.
select count(*) from invitations where next_at is not null
