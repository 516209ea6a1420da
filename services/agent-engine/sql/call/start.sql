insert into calls (execution_id, step, attempt, state, reserved, input_tokens, output_tokens, duration_ms, started_at, body)
values ($1, $2, $3, 'started', $4, 0, 0, 0, $5, $6)
on conflict (execution_id, step, attempt) do nothing
