-- Sums over [$2, $3), from the roll-up by minute.
-- Steps of $5 microseconds begin at $4; $6 is what to group by.
select
    date_bin(cast($5 as bigint) * interval '1 microsecond', at, $4) as step,
    case $6
        when 'provider' then provider
        when 'model' then model
        when 'api_key' then cast(api_key_id as text)
        when 'user' then cast(user_id as text)
        when 'team' then coalesce(cast(team_id as text), '')
        else ''
    end as value,
    currency,
    cast(sum(requests) as bigint) as requests,
    cast(sum(attempts) as bigint) as attempts,
    cast(sum(failed) as bigint) as failed,
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
    cast(sum(cost_nanos) as bigint) as cost_nanos,
    cast(sum(list_cost_nanos) as bigint) as list_cost_nanos,
    cast(sum(priced) as bigint) as priced,
    cast(sum(unpriced) as bigint) as unpriced
from usage_minutes
where workspace_id = $1
    and at >= $2
    and at < $3
group by 1, 2, 3
