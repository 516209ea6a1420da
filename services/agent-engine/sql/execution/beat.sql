-- The worker lives, and works on this one: what it has given up, others may take up.
update executions set lease_until = $4 where id = $1 and epoch = $2 and lease_owner = $3 and finished_at is null
