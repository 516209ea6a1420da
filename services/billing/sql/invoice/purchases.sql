-- What its people have begun to buy since then: what is void if nobody pays it in time.
select count(*) as begun from invoices where workspace_id = $1 and created_at > $2 and expires_at is not null
