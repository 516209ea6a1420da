-- Those of a worker that somebody wants to end.
select id from executions where lease_owner = $1 and finished_at is null and cancel_requested_at is not null
