-- One request with the ledger rows of its attempts.
select
    p.*,
    l.attempt, l.correction, l.provider as attempt_provider, l.model as attempt_model, l.outcome as attempt_outcome,
    l.error_code as attempt_error_code, l.credential_owner, l.provider_status, l.duration_ms as attempt_duration_ms,
    l.estimated,
    l.input_tokens, l.cache_read_tokens, l.cache_write_5m_tokens, l.cache_write_1h_tokens, l.audio_input_tokens,
    l.image_input_tokens, l.output_tokens, l.audio_output_tokens, l.image_output_tokens, l.reasoning_tokens, l.images,
    l.audio_ms, l.characters, l.searches, l.cost_nanos, l.currency, l.price_version
from request_logs p
left join ledger l on l.workspace_id = p.workspace_id and l.request_id = p.id
where p.workspace_id = $1 and p.id = $2
order by l.attempt, l.correction
