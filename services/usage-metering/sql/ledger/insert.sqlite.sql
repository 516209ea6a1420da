-- The fields of a row, in their order; repeated for several rows. The key makes it exactly one row per grant however
-- often a settlement or a sweep comes. How many are new it says by what it changes: only those are summed.
insert into ledger (
    workspace_id, request_id, attempt, correction, kind, swept, provider, provider_kind, provider_id, model,
    api_key_id, user_id, operation, plan, credential_owner, input_tokens, cache_read_tokens, cache_write_5m_tokens,
    cache_write_1h_tokens, audio_input_tokens, image_input_tokens, output_tokens, audio_output_tokens,
    image_output_tokens, reasoning_tokens, images, audio_ms, characters, searches, image_class, estimated, outcome, error_code,
    provider_status, cost_nanos, list_cost_nanos, currency, price_version, duration_ms, ttft_ms, created_at, settled_at,
    team_id
)
values (
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,
    $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42, $43
)
on conflict (workspace_id, request_id, attempt, correction) do nothing
