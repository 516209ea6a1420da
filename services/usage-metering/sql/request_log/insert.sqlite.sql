-- The fields of a row, in their order; repeated for several rows, each request once. How a request really ended
-- replaces what the sweep wrote, never the other way.
insert into request_logs (
    workspace_id, id, api_key_id, user_id, operation, requested_model, stream, provider, model, status_code,
    outcome, duration_ms, ttft_ms, error_code, error_message, dropped, guardrails, explanation, swept,
    created_at, team_id
)
values (
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21
)
on conflict (workspace_id, id) do update set
    provider = excluded.provider, model = excluded.model, status_code = excluded.status_code, outcome = excluded.outcome,
    duration_ms = excluded.duration_ms, ttft_ms = excluded.ttft_ms, error_code = excluded.error_code,
    error_message = excluded.error_message, dropped = excluded.dropped, guardrails = excluded.guardrails,
    explanation = excluded.explanation,
    swept = excluded.swept
where request_logs.swept and not excluded.swept
