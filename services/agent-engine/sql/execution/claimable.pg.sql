-- New ones, those whose worker is gone, and those whose questions nobody has answered in time.
select id, epoch, started_at, lease_until, left_at, idle_ms from executions
where finished_at is null
    and (phase = 'queued' or (phase in ('running', 'cancelling') and lease_until < $1)
        or (phase = 'awaiting_input' and answers_due_at < $1))
order by created_at
limit 1
for update skip locked
