-- $1: sums as JSON, each key once, in the order of keys: so that of two who add to the same rows one waits for the
-- other, and never each for the other.
insert into usage_quarters (
    workspace_id, at, provider, model, api_key_id, user_id, credential_owner, plan, operation, currency, requests,
    attempts, failed, input_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens,
    audio_input_tokens, image_input_tokens, output_tokens, audio_output_tokens, image_output_tokens, reasoning_tokens,
    images, audio_ms, characters, searches,
    cost_nanos, list_cost_nanos, priced, unpriced, team_id
)
select
    r.workspace_id, timestamptz 'epoch' + r.at * interval '1 microsecond', r.provider, r.model, r.api_key_id,
    r.user_id, r.credential_owner, r.plan, r.operation, r.currency, r.requests, r.attempts, r.failed, r.input_tokens,
    r.cache_read_tokens, r.cache_write_5m_tokens, r.cache_write_1h_tokens, r.audio_input_tokens, r.image_input_tokens,
    r.output_tokens, r.audio_output_tokens, r.image_output_tokens, r.reasoning_tokens, r.images, r.audio_ms,
    r.characters, r.searches, r.cost_nanos,
    r.list_cost_nanos, r.priced, r.unpriced, r.team_id
from json_to_recordset(cast($1 as json)) as r(
    workspace_id uuid, at bigint, provider text, model text, api_key_id uuid, user_id uuid, credential_owner text,
    plan text, operation text, currency text, requests bigint, attempts bigint, failed bigint, input_tokens bigint,
    cache_read_tokens bigint, cache_write_5m_tokens bigint, cache_write_1h_tokens bigint, audio_input_tokens bigint,
    image_input_tokens bigint, output_tokens bigint, audio_output_tokens bigint, image_output_tokens bigint,
    reasoning_tokens bigint, images bigint, audio_ms bigint, characters bigint, searches bigint, cost_nanos bigint,
    list_cost_nanos bigint, priced bigint, unpriced bigint, team_id uuid
)
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
