-- What was used of models without a price in [$2, $3), by whole quarters of an hour.
select
    provider,
    model,
    cast(sum(unpriced) as bigint) as attempts,
    cast(sum(
        input_tokens + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens + audio_input_tokens
        + image_input_tokens
    ) as bigint) as input_tokens,
    cast(sum(output_tokens + audio_output_tokens + image_output_tokens) as bigint) as output_tokens,
    cast(sum(images) as bigint) as images,
    cast(sum(audio_ms) as bigint) as audio_ms,
    cast(sum(characters) as bigint) as characters,
    cast(sum(searches) as bigint) as searches
from usage_quarters
where workspace_id = $1 and at >= $2 and at < $3
group by provider, model
having sum(unpriced) > 0
order by sum(unpriced) desc, provider, model
