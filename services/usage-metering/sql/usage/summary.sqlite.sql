-- Sums of all workspaces over [$1, $2), from the roll-up by hour or day ($3) that has what to group by ($4, $5).
-- Going from workspace to workspace by the primary key, so that only the period is read.
with recursive workspaces(id) as (
    select (select workspace_id from usage_spans order by workspace_id limit 1)
    union all
    select (select n.workspace_id from usage_spans n where n.workspace_id > w.id order by n.workspace_id limit 1)
    from workspaces w
    where w.id is not null
)
select
    case $5
        when 'workspace' then lower(hex(s.workspace_id))
        when 'plan' then s.plan
        when 'provider' then s.provider
        else date(s.at / 1000000, 'unixepoch')
    end as value,
    s.currency,
    min(s.at) as step,
    cast(sum(s.requests) as bigint) as requests,
    cast(sum(s.attempts) as bigint) as attempts,
    cast(sum(s.failed) as bigint) as failed,
    cast(sum(s.input_tokens) as bigint) as input_tokens,
    cast(sum(s.cache_read_tokens) as bigint) as cache_read_tokens,
    cast(sum(s.cache_write_5m_tokens) as bigint) as cache_write_5m_tokens,
    cast(sum(s.cache_write_1h_tokens) as bigint) as cache_write_1h_tokens,
    cast(sum(s.audio_input_tokens) as bigint) as audio_input_tokens,
    cast(sum(s.image_input_tokens) as bigint) as image_input_tokens,
    cast(sum(s.output_tokens) as bigint) as output_tokens,
    cast(sum(s.audio_output_tokens) as bigint) as audio_output_tokens,
    cast(sum(s.image_output_tokens) as bigint) as image_output_tokens,
    cast(sum(s.reasoning_tokens) as bigint) as reasoning_tokens,
    cast(sum(s.images) as bigint) as images,
    cast(sum(s.audio_ms) as bigint) as audio_ms,
    cast(sum(s.characters) as bigint) as characters,
    cast(sum(s.searches) as bigint) as searches,
    cast(sum(s.cost_nanos) as bigint) as cost_nanos,
    cast(sum(s.list_cost_nanos) as bigint) as list_cost_nanos,
    cast(sum(s.priced) as bigint) as priced,
    cast(sum(s.unpriced) as bigint) as unpriced
from workspaces w
join usage_spans s on s.workspace_id = w.id
where s.span = $3
    and s.face = $4
    and s.at >= $1
    and s.at < $2
group by 1, 2
