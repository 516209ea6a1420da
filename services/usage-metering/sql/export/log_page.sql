-- The next requests of a workspace in [$4, $5), after the request $2, each with the ledger rows of its attempts.
with page as (
    select *
    from request_logs
    where workspace_id = $1
        and id > $2
        and id < $3
        and created_at >= $4
        and created_at < $5
    order by id
    limit $6
)
select
    p.*,
    l.attempt, l.correction, l.provider as attempt_provider, l.model as attempt_model, l.outcome as attempt_outcome,
    l.error_code as attempt_error_code, l.credential_owner, l.provider_status, l.duration_ms as attempt_duration_ms,
    l.estimated,
    l.input_tokens, l.cache_read_tokens, l.cache_write_5m_tokens, l.cache_write_1h_tokens, l.audio_input_tokens,
    l.image_input_tokens, l.output_tokens, l.audio_output_tokens, l.image_output_tokens, l.reasoning_tokens, l.images,
    l.audio_ms, l.characters, l.searches,
    l.cost_nanos, l.currency, l.price_version
from page p
left join ledger l on l.workspace_id = p.workspace_id and l.request_id = p.id
order by p.id, l.attempt, l.correction
