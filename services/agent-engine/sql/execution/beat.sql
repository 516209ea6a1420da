-- The worker lives.
update executions set lease_until = $2 where lease_owner = $1 and finished_at is null
