delete from outbox where workspace_id = $1 and position < (select max(position) from outbox)
