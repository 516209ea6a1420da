-- The end, once.
update executions
set phase = $3, stage = 'finished', progress = case when $3 = 'completed' then 1000 else progress end, quality = $4,
    error_code = $5, error_message = $6, headline = coalesce($7, headline), report_hash = $8, finished_at = $9,
    budget_token = null, lease_owner = null, lease_until = null, questions = null, last_event = last_event + 1
where id = $1 and epoch = $2 and finished_at is null
