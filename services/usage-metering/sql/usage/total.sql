-- Totals of a workspace in [$4, $5), by currency: amounts of different currencies have no sum.
-- $2 and $3 bound the request id, which rises with time, so that the primary key finds the period; times decide exactly.
-- A request is counted by its first attempt, which every admitted request has exactly once.
select
    currency,
    cast(sum(case when attempt = 1 and correction = 0 then 1 else 0 end) as bigint) as requests,
    cast(sum(
        input_tokens + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens + audio_input_tokens
        + image_input_tokens
    ) as bigint) as input_tokens,
    cast(sum(output_tokens + audio_output_tokens + image_output_tokens) as bigint) as output_tokens,
    cast(coalesce(sum(cost_nanos), 0) as bigint) as cost_nanos,
    cast(sum(case when kind = 'usage' and cost_nanos is not null then 1 else 0 end) as bigint) as priced,
    cast(sum(case when kind = 'usage' and cost_nanos is null then 1 else 0 end) as bigint) as unpriced,
    max(created_at) as newest
from ledger
where workspace_id = $1
    and request_id >= $2
    and request_id < $3
    and created_at >= $4
    and created_at < $5
    -- Without a model a provider was only asked what it has: in the ledger like every call, and no use of a model.
    and model <> ''
group by currency
order by max(created_at) desc
