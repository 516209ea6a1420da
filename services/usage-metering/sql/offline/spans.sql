-- What the hours and the day of $1 in [$2, $3) come to: each face is a sum of the same.
select
    span,
    face,
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
from usage_spans
where workspace_id = $1
    and at >= $2
    and at < $3
group by span, face
