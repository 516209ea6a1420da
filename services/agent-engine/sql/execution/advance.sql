-- Only the worker of this epoch, and never backwards.
update executions
set last_event = last_event + $3, stage = $4, progress = case when progress < $5 then $5 else progress end
where id = $1 and epoch = $2 and finished_at is null
