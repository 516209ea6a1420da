-- $1: what is added to usage_quarters, as JSON. Each of it is a part of an hour and of a day, seen from three sides: by
-- what answered, by who asked, by plan. In the order of keys: of two who add to the same rows one waits for the other.
insert into usage_spans (
    workspace_id, span, face, at, provider, model, api_key_id, user_id, plan, currency, requests, attempts, failed,
    input_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens, audio_input_tokens,
    image_input_tokens, output_tokens, audio_output_tokens, image_output_tokens, reasoning_tokens, images, audio_ms,
    characters, searches, cost_nanos,
    list_cost_nanos, priced, unpriced, team_id
)
select
    r.workspace_id, s.span, f.face, timestamptz 'epoch' + r.at / s.width * s.width * interval '1 microsecond',
    case f.face when 'model' then r.provider else '' end,
    case f.face when 'model' then r.model else '' end,
    case f.face when 'caller' then r.api_key_id else n.none end,
    case f.face when 'caller' then r.user_id else n.none end,
    case f.face when 'plan' then r.plan else '' end,
    r.currency,
    cast(sum(r.requests) as bigint),
    cast(sum(r.attempts) as bigint),
    cast(sum(r.failed) as bigint),
    cast(sum(r.input_tokens) as bigint),
    cast(sum(r.cache_read_tokens) as bigint),
    cast(sum(r.cache_write_5m_tokens) as bigint),
    cast(sum(r.cache_write_1h_tokens) as bigint),
    cast(sum(r.audio_input_tokens) as bigint),
    cast(sum(r.image_input_tokens) as bigint),
    cast(sum(r.output_tokens) as bigint),
    cast(sum(r.audio_output_tokens) as bigint),
    cast(sum(r.image_output_tokens) as bigint),
    cast(sum(r.reasoning_tokens) as bigint),
    cast(sum(r.images) as bigint),
    cast(sum(r.audio_ms) as bigint),
    cast(sum(r.characters) as bigint),
    cast(sum(r.searches) as bigint),
    cast(sum(r.cost_nanos) as bigint),
    cast(sum(r.list_cost_nanos) as bigint),
    cast(sum(r.priced) as bigint),
    cast(sum(r.unpriced) as bigint),
    -- A uuid has no maximum. No part of the key: it follows from that.
    cast(max(case f.face when 'caller' then cast(r.team_id as text) end) as uuid)
from json_to_recordset(cast($1 as json)) as r(
    workspace_id uuid, at bigint, provider text, model text, api_key_id uuid, user_id uuid, plan text, currency text,
    requests bigint, attempts bigint, failed bigint, input_tokens bigint, cache_read_tokens bigint,
    cache_write_5m_tokens bigint, cache_write_1h_tokens bigint, audio_input_tokens bigint, image_input_tokens bigint,
    output_tokens bigint, audio_output_tokens bigint, image_output_tokens bigint, reasoning_tokens bigint,
    images bigint, audio_ms bigint, characters bigint, searches bigint, cost_nanos
    bigint, list_cost_nanos bigint, priced bigint, unpriced bigint, team_id uuid
)
cross join (values ('hour', 3600000000), ('day', 86400000000)) as s(span, width)
cross join (values ('model'), ('caller'), ('plan')) as f(face)
cross join (values (uuid '00000000-0000-0000-0000-000000000000')) as n(none)
group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
order by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
on conflict (
    workspace_id, span, face, at, provider, model, api_key_id, user_id, plan, currency
) do update set
    requests = usage_spans.requests + excluded.requests,
    attempts = usage_spans.attempts + excluded.attempts,
    failed = usage_spans.failed + excluded.failed,
    input_tokens = usage_spans.input_tokens + excluded.input_tokens,
    cache_read_tokens = usage_spans.cache_read_tokens + excluded.cache_read_tokens,
    cache_write_5m_tokens = usage_spans.cache_write_5m_tokens + excluded.cache_write_5m_tokens,
    cache_write_1h_tokens = usage_spans.cache_write_1h_tokens + excluded.cache_write_1h_tokens,
    audio_input_tokens = usage_spans.audio_input_tokens + excluded.audio_input_tokens,
    image_input_tokens = usage_spans.image_input_tokens + excluded.image_input_tokens,
    output_tokens = usage_spans.output_tokens + excluded.output_tokens,
    audio_output_tokens = usage_spans.audio_output_tokens + excluded.audio_output_tokens,
    image_output_tokens = usage_spans.image_output_tokens + excluded.image_output_tokens,
    reasoning_tokens = usage_spans.reasoning_tokens + excluded.reasoning_tokens,
    images = usage_spans.images + excluded.images,
    audio_ms = usage_spans.audio_ms + excluded.audio_ms,
    characters = usage_spans.characters + excluded.characters,
    searches = usage_spans.searches + excluded.searches,
    cost_nanos = usage_spans.cost_nanos + excluded.cost_nanos,
    list_cost_nanos = usage_spans.list_cost_nanos + excluded.list_cost_nanos,
    priced = usage_spans.priced + excluded.priced,
    unpriced = usage_spans.unpriced + excluded.unpriced,
    team_id = coalesce(usage_spans.team_id, excluded.team_id)
