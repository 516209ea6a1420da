-- The same id again is the same execution.
insert into executions (id, budget_token, brief, depth, locale, model, plan, interactive, phase, stage, progress, epoch,
    is_doomed, last_event, input_tokens, output_tokens, replies, headline, estimated_seconds, estimated_seconds_p90,
    created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, 'queued', 'intake', 0, 0, false, 1, 0, 0, 0, $9, $10, $11, $12)
on conflict (id) do nothing
