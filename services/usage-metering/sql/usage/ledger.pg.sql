-- Sums over [$2, $3), from the ledger. $7 and $8 bound the request id, which rises with time, so that the primary
-- key finds the period; times decide exactly. Steps of $5 microseconds begin at $4; $6 is what to group by.
-- An attempt failed if the newest of its rows says so, and is priced since the first that has a price.
with attempts as (
    select
        ledger.*,
        row_number() over newest_first as age,
        max(case when cost_nanos is null then 0 else 1 end) over before as priced_before
    from ledger
    where workspace_id = $1
        and request_id >= $7
        and request_id < $8
        and created_at >= $2
        and created_at < $3
        -- Without a model a provider was only asked what it has: in the ledger like every call, and no use of a model.
        and model <> ''
    window
        newest_first as (partition by request_id, attempt order by correction desc),
        before as (
            partition by request_id, attempt order by correction rows between unbounded preceding and 1 preceding
        )
)
select
    date_bin(cast($5 as bigint) * interval '1 microsecond', created_at, $4) as step,
    case $6
        when 'provider' then provider
        when 'model' then model
        when 'api_key' then coalesce(cast(api_key_id as text), '')
        when 'user' then coalesce(cast(user_id as text), '')
        when 'team' then coalesce(cast(team_id as text), '')
        else ''
    end as value,
    currency,
    cast(sum(case when correction = 0 and attempt = 1 then 1 else 0 end) as bigint) as requests,
    cast(sum(case when correction = 0 then 1 else 0 end) as bigint) as attempts,
    cast(sum(case when age = 1 and outcome not in ('completed', 'cached', 'replayed') then 1 else 0 end) as bigint) as failed,
    cast(sum(input_tokens) as bigint) as input_tokens,
    cast(sum(cache_read_tokens) as bigint) as cache_read_tokens,
    cast(sum(cache_write_5m_tokens) as bigint) as cache_write_5m_tokens,
    cast(sum(cache_write_1h_tokens) as bigint) as cache_write_1h_tokens,
    cast(sum(audio_input_tokens) as bigint) as audio_input_tokens,
    cast(sum(image_input_tokens) as bigint) as image_input_tokens,
    cast(sum(output_tokens) as bigint) as output_tokens,
    cast(sum(audio_output_tokens) as bigint) as audio_output_tokens,
    cast(sum(image_output_tokens) as bigint) as image_output_tokens,
    cast(sum(reasoning_tokens) as bigint) as reasoning_tokens,
    cast(sum(images) as bigint) as images,
    cast(sum(audio_ms) as bigint) as audio_ms,
    cast(sum(characters) as bigint) as characters,
    cast(sum(searches) as bigint) as searches,
    cast(coalesce(sum(cost_nanos), 0) as bigint) as cost_nanos,
    cast(coalesce(sum(list_cost_nanos), 0) as bigint) as list_cost_nanos,
    cast(sum(case when cost_nanos is not null and coalesce(priced_before, 0) = 0 then 1 else 0 end) as bigint) as priced,
    cast(sum(case
        when correction = 0 and cost_nanos is null then 1
        when correction > 0 and cost_nanos is not null and priced_before = 0 then -1
        else 0
    end) as bigint) as unpriced
from attempts
group by 1, 2, 3
