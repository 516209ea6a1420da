update executions
set epoch = epoch + 1, lease_owner = $2, lease_until = $3, started_at = coalesce(started_at, $4),
    phase = case when cancel_requested_at is null then 'running' else 'cancelling' end
where id = $1
