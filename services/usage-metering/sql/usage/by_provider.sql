-- Totals of a workspace in [$4, $5), by provider and currency. Bounds as in total.sql.
-- A request that fell back from one provider to another counts for both.
select
    provider,
    currency,
    count(distinct request_id) as requests,
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
group by provider, currency
order by provider, max(created_at) desc
