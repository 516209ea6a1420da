-- What was spent in each hour of [$2, $3), by currency, and the tokens of models whose price is not known in it.
select
    at,
    currency,
    cast(sum(cost_nanos) as bigint) as cost_nanos,
    cast(sum(case
        when priced > 0 then 0
        else input_tokens + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens + audio_input_tokens
            + image_input_tokens + output_tokens + audio_output_tokens + image_output_tokens
    end) as bigint) as unpriced_tokens
from usage_spans
where workspace_id = $1
    and span = 'hour'
    and face = 'model'
    and at >= $2
    and at < $3
group by at, currency
