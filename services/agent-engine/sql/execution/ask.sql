-- It waits for somebody who knows.
update executions
set phase = 'awaiting_input', questions = $3, answers_due_at = $4, lease_owner = null, lease_until = null,
    left_at = $5,
    last_event = last_event + 1
where id = $1 and epoch = $2 and finished_at is null and cancel_requested_at is null
