-- $1: rows as JSON. The key makes it exactly one row per grant however often a settlement or a sweep comes.
-- Answers which rows are new: only they are summed.
-- Materialized and binary: otherwise each column would write the row out as text and parse it again. Whole paths:
-- of a bare name SQLite makes one first, for each row and column.
with r(row) as materialized (select value from jsonb_each($1))
insert into ledger (
    workspace_id, request_id, attempt, correction, kind, swept, provider, provider_kind, provider_id, model,
    api_key_id, user_id, operation, plan, credential_owner, input_tokens, cache_read_tokens, cache_write_5m_tokens,
    cache_write_1h_tokens, audio_input_tokens, image_input_tokens, output_tokens, audio_output_tokens,
    image_output_tokens, reasoning_tokens, estimated, outcome, error_code, provider_status, cost_nanos,
    list_cost_nanos, currency, price_version, duration_ms, ttft_ms, created_at, settled_at
)
select
    unhex(r.row ->> '$.workspace_id'), unhex(r.row ->> '$.request_id'), r.row ->> '$.attempt',
    r.row ->> '$.correction', r.row ->> '$.kind', r.row ->> '$.swept', r.row ->> '$.provider',
    r.row ->> '$.provider_kind', r.row ->> '$.provider_id', r.row ->> '$.model', unhex(r.row ->> '$.api_key_id'),
    unhex(r.row ->> '$.user_id'), r.row ->> '$.operation', r.row ->> '$.plan', r.row ->> '$.credential_owner',
    r.row ->> '$.input_tokens', r.row ->> '$.cache_read_tokens', r.row ->> '$.cache_write_5m_tokens',
    r.row ->> '$.cache_write_1h_tokens', r.row ->> '$.audio_input_tokens', r.row ->> '$.image_input_tokens',
    r.row ->> '$.output_tokens', r.row ->> '$.audio_output_tokens', r.row ->> '$.image_output_tokens',
    r.row ->> '$.reasoning_tokens', r.row ->> '$.estimated', r.row ->> '$.outcome', r.row ->> '$.error_code',
    r.row ->> '$.provider_status', r.row ->> '$.cost_nanos', r.row ->> '$.list_cost_nanos', r.row ->> '$.currency',
    r.row ->> '$.price_version', r.row ->> '$.duration_ms', r.row ->> '$.ttft_ms', r.row ->> '$.created_at',
    r.row ->> '$.settled_at'
from r
where true
on conflict (workspace_id, request_id, attempt, correction) do nothing
returning workspace_id, request_id, attempt, correction
