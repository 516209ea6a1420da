-- $1: rows as JSON, each request once. How a request really ended replaces what the sweep wrote, never the other way.
insert into request_logs (
    workspace_id, id, api_key_id, user_id, operation, requested_model, stream, provider, model, status_code,
    outcome, duration_ms, ttft_ms, error_code, error_message, dropped, guardrails, explanation, swept,
    created_at, team_id
)
select
    r.workspace_id, r.id, r.api_key_id, r.user_id, r.operation, r.requested_model, r.stream, r.provider,
    r.model, r.status_code, r.outcome, r.duration_ms, r.ttft_ms, r.error_code, r.error_message, r.dropped,
    r.guardrails, r.explanation, r.swept,
    timestamptz 'epoch' + r.created_at * interval '1 microsecond', r.team_id
from json_to_recordset(cast($1 as json)) as r(
    workspace_id uuid, id uuid, api_key_id uuid, user_id uuid, operation text, requested_model text,
    stream boolean, provider text, model text, status_code bigint, outcome text, duration_ms bigint,
    ttft_ms bigint, error_code text, error_message text, dropped text, guardrails text, explanation text,
    swept boolean, created_at bigint, team_id uuid
)
on conflict (workspace_id, id) do update set
    provider = excluded.provider, model = excluded.model, status_code = excluded.status_code, outcome = excluded.outcome,
    duration_ms = excluded.duration_ms, ttft_ms = excluded.ttft_ms, error_code = excluded.error_code,
    error_message = excluded.error_message, dropped = excluded.dropped, guardrails = excluded.guardrails,
    explanation = excluded.explanation,
    swept = excluded.swept
where request_logs.swept and not excluded.swept
