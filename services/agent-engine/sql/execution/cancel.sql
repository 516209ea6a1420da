-- Who waits for a worker or for answers has nothing under way; who runs is cancelled by its worker.
update executions
set cancel_requested_at = coalesce(cancel_requested_at, $2), is_doomed = is_doomed or $3,
    phase = case when phase = 'running' then 'cancelling' else phase end,
    last_event = last_event + case when cancel_requested_at is null then 1 else 0 end
where id = $1 and finished_at is null
