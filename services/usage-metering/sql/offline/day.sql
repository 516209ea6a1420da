-- What $1 used on a day, [$4, $5), by provider, model and currency; $2 and $3 bound the request ids.
select
    provider,
    provider_kind,
    model,
    currency,
    cast(sum(case when attempt = 1 and correction = 0 then 1 else 0 end) as bigint) as requests,
    -- What a provider counts: calls that it worked for.
    cast(sum(
        case
            when correction = 0
                and input_tokens + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens
                + audio_input_tokens + image_input_tokens + output_tokens + audio_output_tokens + image_output_tokens
                + images + audio_ms + characters + searches > 0
                then 1
            else 0
        end
    ) as bigint) as calls,
    cast(sum(
        input_tokens + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens + audio_input_tokens
        + image_input_tokens
    ) as bigint) as input_tokens,
    cast(sum(output_tokens + audio_output_tokens + image_output_tokens) as bigint) as output_tokens,
    cast(coalesce(sum(cost_nanos), 0) as bigint) as cost_nanos,
    cast(coalesce(sum(list_cost_nanos), 0) as bigint) as list_cost_nanos
from ledger
where workspace_id = $1
    and request_id >= $2
    and request_id < $3
    and created_at >= $4
    and created_at < $5
    and model <> ''
group by provider, provider_kind, model, currency
