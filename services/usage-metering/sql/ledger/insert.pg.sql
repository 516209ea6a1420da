-- $1: rows as JSON. The key makes it exactly one row per grant however often a settlement or a sweep comes.
-- Answers which rows are new: only they are summed.
insert into ledger (
    workspace_id, request_id, attempt, correction, kind, swept, provider, provider_kind, provider_id, model,
    api_key_id, user_id, operation, plan, credential_owner, input_tokens, cache_read_tokens, cache_write_5m_tokens,
    cache_write_1h_tokens, audio_input_tokens, image_input_tokens, output_tokens, audio_output_tokens,
    image_output_tokens, reasoning_tokens, images, audio_ms, characters, searches, image_class, estimated, outcome, error_code,
    provider_status, cost_nanos,
    list_cost_nanos, currency, price_version, duration_ms, ttft_ms, created_at, settled_at, team_id
)
select
    r.workspace_id, r.request_id, r.attempt, r.correction, r.kind, r.swept, r.provider, r.provider_kind,
    r.provider_id, r.model, r.api_key_id, r.user_id, r.operation, r.plan, r.credential_owner, r.input_tokens,
    r.cache_read_tokens, r.cache_write_5m_tokens, r.cache_write_1h_tokens, r.audio_input_tokens, r.image_input_tokens,
    r.output_tokens, r.audio_output_tokens, r.image_output_tokens, r.reasoning_tokens, r.images, r.audio_ms,
    r.characters, r.searches, r.image_class, r.estimated, r.outcome,
    r.error_code, r.provider_status, r.cost_nanos, r.list_cost_nanos, r.currency, r.price_version, r.duration_ms,
    r.ttft_ms, timestamptz 'epoch' + r.created_at * interval '1 microsecond',
    timestamptz 'epoch' + r.settled_at * interval '1 microsecond', r.team_id
from json_to_recordset(cast($1 as json)) as r(
    workspace_id uuid, request_id uuid, attempt bigint, correction bigint, kind text, swept boolean, provider text,
    provider_kind text, provider_id text, model text, api_key_id uuid, user_id uuid, operation text, plan text,
    credential_owner text, input_tokens bigint, cache_read_tokens bigint, cache_write_5m_tokens bigint,
    cache_write_1h_tokens bigint, audio_input_tokens bigint, image_input_tokens bigint, output_tokens bigint,
    audio_output_tokens bigint, image_output_tokens bigint, reasoning_tokens bigint, images bigint, audio_ms bigint,
    characters bigint, searches bigint, image_class text, estimated boolean, outcome text,
    error_code text, provider_status bigint, cost_nanos bigint, list_cost_nanos bigint, currency text,
    price_version text, duration_ms bigint, ttft_ms bigint, created_at bigint, settled_at bigint, team_id uuid
)
on conflict (workspace_id, request_id, attempt, correction) do nothing
returning workspace_id, request_id, attempt, correction
