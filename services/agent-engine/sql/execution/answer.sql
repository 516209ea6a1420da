update executions
set phase = 'queued', answers = $2, questions = null, last_event = last_event + 1
where id = $1 and phase = 'awaiting_input' and cancel_requested_at is null
