-- $1: what is added to usage_quarters, as JSON. Each of it is a part of an hour and of a day, seen from three sides: by
-- what answered, by who asked, by plan. In the order of keys: of two who add to the same rows one waits for the other.
with
    each(row) as materialized (select value from jsonb_each($1)),
    -- Out of the JSON once, not once for each side.
    r(
        workspace_id, at, provider, model, api_key_id, user_id, plan, currency, requests, attempts, failed,
        input_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens, audio_input_tokens,
        image_input_tokens, output_tokens, audio_output_tokens, image_output_tokens, reasoning_tokens, images,
        audio_ms, characters, searches, cost_nanos,
        list_cost_nanos, priced, unpriced, team_id
    ) as materialized (
        select
            unhex(row ->> '$.workspace_id'), row ->> '$.at', row ->> '$.provider', row ->> '$.model',
            unhex(row ->> '$.api_key_id'), unhex(row ->> '$.user_id'), row ->> '$.plan', row ->> '$.currency',
            row ->> '$.requests', row ->> '$.attempts', row ->> '$.failed', row ->> '$.input_tokens',
            row ->> '$.cache_read_tokens', row ->> '$.cache_write_5m_tokens', row ->> '$.cache_write_1h_tokens',
            row ->> '$.audio_input_tokens', row ->> '$.image_input_tokens', row ->> '$.output_tokens',
            row ->> '$.audio_output_tokens', row ->> '$.image_output_tokens', row ->> '$.reasoning_tokens',
            row ->> '$.images', row ->> '$.audio_ms', row ->> '$.characters', row ->> '$.searches',
            row ->> '$.cost_nanos', row ->> '$.list_cost_nanos', row ->> '$.priced', row ->> '$.unpriced',
            unhex(row ->> '$.team_id')
        from each
    ),
    s(span, width) as (values ('hour', 3600000000), ('day', 86400000000)),
    f(face) as (values ('model'), ('caller'), ('plan'))
insert into usage_spans (
    workspace_id, span, face, at, provider, model, api_key_id, user_id, plan, currency, requests, attempts, failed,
    input_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens, audio_input_tokens,
    image_input_tokens, output_tokens, audio_output_tokens, image_output_tokens, reasoning_tokens, images, audio_ms,
    characters, searches, cost_nanos,
    list_cost_nanos, priced, unpriced, team_id
)
select
    r.workspace_id, s.span, f.face, r.at / s.width * s.width,
    case f.face when 'model' then r.provider else '' end,
    case f.face when 'model' then r.model else '' end,
    case f.face when 'caller' then r.api_key_id else zeroblob(16) end,
    case f.face when 'caller' then r.user_id else zeroblob(16) end,
    case f.face when 'plan' then r.plan else '' end,
    r.currency,
    sum(r.requests), sum(r.attempts), sum(r.failed), sum(r.input_tokens), sum(r.cache_read_tokens),
    sum(r.cache_write_5m_tokens), sum(r.cache_write_1h_tokens), sum(r.audio_input_tokens), sum(r.image_input_tokens),
    sum(r.output_tokens), sum(r.audio_output_tokens), sum(r.image_output_tokens), sum(r.reasoning_tokens),
    sum(r.images), sum(r.audio_ms), sum(r.characters), sum(r.searches),
    sum(r.cost_nanos), sum(r.list_cost_nanos), sum(r.priced), sum(r.unpriced),
    -- No part of the key: it follows from that.
    max(case f.face when 'caller' then r.team_id end)
from r cross join s cross join f
where true
group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
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
