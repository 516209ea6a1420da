-- $1: sums as JSON, each key once, in the order of keys: so that of two who add to the same rows one waits for the
-- other, and never each for the other.
-- Materialized and binary: otherwise each column would write the row out as text and parse it again. Whole paths:
-- of a bare name SQLite makes one first, for each row and column.
with r(row) as materialized (select value from jsonb_each($1))
insert into usage_quarters (
    workspace_id, at, provider, model, api_key_id, user_id, credential_owner, plan, operation, currency, requests,
    attempts, failed, input_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens,
    audio_input_tokens, image_input_tokens, output_tokens, audio_output_tokens, image_output_tokens, reasoning_tokens,
    images, audio_ms, characters, searches,
    cost_nanos, list_cost_nanos, priced, unpriced, team_id
)
select
    unhex(r.row ->> '$.workspace_id'), r.row ->> '$.at', r.row ->> '$.provider', r.row ->> '$.model',
    unhex(r.row ->> '$.api_key_id'), unhex(r.row ->> '$.user_id'), r.row ->> '$.credential_owner', r.row ->> '$.plan',
    r.row ->> '$.operation', r.row ->> '$.currency', r.row ->> '$.requests', r.row ->> '$.attempts',
    r.row ->> '$.failed', r.row ->> '$.input_tokens', r.row ->> '$.cache_read_tokens',
    r.row ->> '$.cache_write_5m_tokens', r.row ->> '$.cache_write_1h_tokens', r.row ->> '$.audio_input_tokens',
    r.row ->> '$.image_input_tokens', r.row ->> '$.output_tokens', r.row ->> '$.audio_output_tokens',
    r.row ->> '$.image_output_tokens', r.row ->> '$.reasoning_tokens', r.row ->> '$.images', r.row ->> '$.audio_ms',
    r.row ->> '$.characters', r.row ->> '$.searches', r.row ->> '$.cost_nanos',
    r.row ->> '$.list_cost_nanos', r.row ->> '$.priced', r.row ->> '$.unpriced', unhex(r.row ->> '$.team_id')
from r
where true
on conflict (
    workspace_id, at, provider, model, api_key_id, user_id, credential_owner, plan, operation, currency
) do update set
    requests = usage_quarters.requests + excluded.requests,
    attempts = usage_quarters.attempts + excluded.attempts,
    failed = usage_quarters.failed + excluded.failed,
    input_tokens = usage_quarters.input_tokens + excluded.input_tokens,
    cache_read_tokens = usage_quarters.cache_read_tokens + excluded.cache_read_tokens,
    cache_write_5m_tokens = usage_quarters.cache_write_5m_tokens + excluded.cache_write_5m_tokens,
    cache_write_1h_tokens = usage_quarters.cache_write_1h_tokens + excluded.cache_write_1h_tokens,
    audio_input_tokens = usage_quarters.audio_input_tokens + excluded.audio_input_tokens,
    image_input_tokens = usage_quarters.image_input_tokens + excluded.image_input_tokens,
    output_tokens = usage_quarters.output_tokens + excluded.output_tokens,
    audio_output_tokens = usage_quarters.audio_output_tokens + excluded.audio_output_tokens,
    image_output_tokens = usage_quarters.image_output_tokens + excluded.image_output_tokens,
    reasoning_tokens = usage_quarters.reasoning_tokens + excluded.reasoning_tokens,
    images = usage_quarters.images + excluded.images,
    audio_ms = usage_quarters.audio_ms + excluded.audio_ms,
    characters = usage_quarters.characters + excluded.characters,
    searches = usage_quarters.searches + excluded.searches,
    cost_nanos = usage_quarters.cost_nanos + excluded.cost_nanos,
    list_cost_nanos = usage_quarters.list_cost_nanos + excluded.list_cost_nanos,
    priced = usage_quarters.priced + excluded.priced,
    unpriced = usage_quarters.unpriced + excluded.unpriced,
    team_id = coalesce(usage_quarters.team_id, excluded.team_id)
