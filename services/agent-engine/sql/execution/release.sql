-- Whoever wants to may go on from then.
update executions set lease_until = $3, lease_owner = null, left_at = $4 where id = $1 and epoch = $2 and finished_at is null
