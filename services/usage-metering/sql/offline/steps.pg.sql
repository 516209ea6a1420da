-- What the ledger says of a day of $1, and what the roll-up $7 says, in one look: between two, rows are added to both.
-- $2 and $3 bound the request ids, [$4, $5) is the day, $6 the step of the roll-up in microseconds, $8 the zero uuid.
-- An attempt is priced or unpriced where its last row is, and failed where its first row is, if it ended so; re-ratings
-- change no outcome.
with l as (
    select
        ledger.*,
        row_number() over (partition by request_id, attempt order by correction desc) as back,
        first_value(outcome) over (
            partition by request_id, attempt order by case kind when 'rerate' then 1 else 0 end, correction desc
        ) as last_outcome
    from ledger
    where workspace_id = $1
        and request_id >= $2
        and request_id < $3
        and created_at >= $4
        and created_at < $5
        -- Without a model a provider was only asked what it has.
        and model <> ''
)
select
    cast(1 as bigint) as of_ledger,
    date_bin(cast($6 as bigint) * interval '1 microsecond', l.created_at, timestamptz 'epoch') as at,
    l.provider,
    l.model,
    coalesce(l.api_key_id, $8) as api_key_id,
    coalesce(l.user_id, $8) as user_id,
    l.credential_owner,
    l.plan,
    l.operation,
    l.currency,
    cast(sum(case when l.correction = 0 and l.attempt = 1 then 1 else 0 end) as bigint) as requests,
    cast(sum(case when l.correction = 0 then 1 else 0 end) as bigint) as attempts,
    cast(sum(
        case when l.correction = 0 and l.last_outcome not in ('completed', 'cached', 'replayed') then 1 else 0 end
    ) as bigint) as failed,
    cast(sum(l.input_tokens) as bigint) as input_tokens,
    cast(sum(l.cache_read_tokens) as bigint) as cache_read_tokens,
    cast(sum(l.cache_write_5m_tokens) as bigint) as cache_write_5m_tokens,
    cast(sum(l.cache_write_1h_tokens) as bigint) as cache_write_1h_tokens,
    cast(sum(l.audio_input_tokens) as bigint) as audio_input_tokens,
    cast(sum(l.image_input_tokens) as bigint) as image_input_tokens,
    cast(sum(l.output_tokens) as bigint) as output_tokens,
    cast(sum(l.audio_output_tokens) as bigint) as audio_output_tokens,
    cast(sum(l.image_output_tokens) as bigint) as image_output_tokens,
    cast(sum(l.reasoning_tokens) as bigint) as reasoning_tokens,
    cast(sum(l.images) as bigint) as images,
    cast(sum(l.audio_ms) as bigint) as audio_ms,
    cast(sum(l.characters) as bigint) as characters,
    cast(sum(l.searches) as bigint) as searches,
    cast(coalesce(sum(l.cost_nanos), 0) as bigint) as cost_nanos,
    cast(coalesce(sum(l.list_cost_nanos), 0) as bigint) as list_cost_nanos,
    cast(sum(case when l.back = 1 and l.cost_nanos is not null then 1 else 0 end) as bigint) as priced,
    cast(sum(case when l.back = 1 and l.cost_nanos is null then 1 else 0 end) as bigint) as unpriced,
    cast(max(cast(l.team_id as text)) as uuid) as team_id
from l
group by 2, 3, 4, 5, 6, 7, 8, 9, 10
union all
select
    cast(0 as bigint), r.at, r.provider, r.model, r.api_key_id, r.user_id, r.credential_owner, r.plan, r.operation, r.currency,
    r.requests, r.attempts, r.failed, r.input_tokens, r.cache_read_tokens, r.cache_write_5m_tokens,
    r.cache_write_1h_tokens, r.audio_input_tokens, r.image_input_tokens, r.output_tokens,
    r.audio_output_tokens, r.image_output_tokens, r.reasoning_tokens, r.images, r.audio_ms, r.characters, r.searches,
    r.cost_nanos, r.list_cost_nanos, r.priced, r.unpriced, r.team_id
from usage_minutes as r
where $7 = 'minutes'
    and r.workspace_id = $1
    and r.at >= $4
    and r.at < $5
union all
select
    cast(0 as bigint), r.at, r.provider, r.model, r.api_key_id, r.user_id, r.credential_owner, r.plan, r.operation, r.currency,
    r.requests, r.attempts, r.failed, r.input_tokens, r.cache_read_tokens, r.cache_write_5m_tokens,
    r.cache_write_1h_tokens, r.audio_input_tokens, r.image_input_tokens, r.output_tokens,
    r.audio_output_tokens, r.image_output_tokens, r.reasoning_tokens, r.images, r.audio_ms, r.characters, r.searches,
    r.cost_nanos, r.list_cost_nanos, r.priced, r.unpriced, r.team_id
from usage_quarters as r
where $7 = 'quarters'
    and r.workspace_id = $1
    and r.at >= $4
    and r.at < $5
