update executions
set epoch = $5, lease_owner = $2, lease_until = $3, started_at = coalesce(started_at, $4), left_at = null, idle_ms = $6,
    phase = case when cancel_requested_at is null then 'running' else 'cancelling' end
where id = $1
