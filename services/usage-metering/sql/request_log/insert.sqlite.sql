-- $1: rows as JSON, each request once. How a request really ended replaces what the sweep wrote, never the other way.
-- Materialized and binary: otherwise each column would write the row out as text and parse it again. Whole paths:
-- of a bare name SQLite makes one first, for each row and column.
with r(row) as materialized (select value from jsonb_each($1))
insert into request_logs (
    workspace_id, id, api_key_id, user_id, operation, requested_model, stream, provider, model, status_code,
    outcome, duration_ms, ttft_ms, error_code, error_message, explanation, swept, created_at
)
select
    unhex(r.row ->> '$.workspace_id'), unhex(r.row ->> '$.id'), unhex(r.row ->> '$.api_key_id'),
    unhex(r.row ->> '$.user_id'), r.row ->> '$.operation', r.row ->> '$.requested_model', r.row ->> '$.stream',
    r.row ->> '$.provider', r.row ->> '$.model', r.row ->> '$.status_code', r.row ->> '$.outcome',
    r.row ->> '$.duration_ms', r.row ->> '$.ttft_ms', r.row ->> '$.error_code', r.row ->> '$.error_message',
    r.row ->> '$.explanation',
    r.row ->> '$.swept', r.row ->> '$.created_at'
from r
where true
on conflict (workspace_id, id) do update set
    provider = excluded.provider, model = excluded.model, status_code = excluded.status_code, outcome = excluded.outcome,
    duration_ms = excluded.duration_ms, ttft_ms = excluded.ttft_ms, error_code = excluded.error_code,
    error_message = excluded.error_message, explanation = excluded.explanation, swept = excluded.swept
where request_logs.swept and not excluded.swept
