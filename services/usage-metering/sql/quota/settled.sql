-- What a workspace has settled in [$2, $3), by currency: all of it, or that of one key, user, team or model, or what the plan
-- is about, which is what was called with credentials of the platform.
select
    currency,
    cast(sum(requests) as bigint) as requests,
    cast(sum(
        input_tokens + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens + audio_input_tokens
        + image_input_tokens + output_tokens + audio_output_tokens + image_output_tokens
    ) as bigint) as tokens,
    cast(sum(cost_nanos) as bigint) as cost_nanos
from usage_quarters
where workspace_id = $1
    and at >= $2
    and at < $3
    and ($4 <> 'api_key' or api_key_id = $5)
    and ($4 <> 'user' or user_id = $6)
    and ($4 <> 'team' or team_id = $8)
    and ($4 <> 'model' or model = $7)
    and ($4 <> 'plan' or credential_owner = 'platform')
group by currency
