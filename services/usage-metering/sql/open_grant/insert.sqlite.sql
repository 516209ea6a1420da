-- $1: grants as JSON. One that was settled before stays closed: admitting it again is the same answer, not a new row.
-- Materialized and binary: otherwise each column would write the row out as text and parse it again. Whole paths:
-- of a bare name SQLite makes one first, for each row and column.
with r(row) as materialized (select value from jsonb_each($1))
insert into open_grants (
    workspace_id, request_id, attempt, instance_id, api_key_id, user_id, operation, requested_model, stream, provider,
    provider_kind, provider_id, model, estimated_input_tokens, estimated_output_tokens, free, currency, plan,
    credential_owner, reserved_cost_nanos, reserved_currency, reserved, created_at, admitted_at, expires_at
)
select
    unhex(r.row ->> '$.workspace_id'), unhex(r.row ->> '$.request_id'), r.row ->> '$.attempt',
    r.row ->> '$.instance_id', unhex(r.row ->> '$.api_key_id'), unhex(r.row ->> '$.user_id'), r.row ->> '$.operation',
    r.row ->> '$.requested_model', r.row ->> '$.stream', r.row ->> '$.provider', r.row ->> '$.provider_kind',
    r.row ->> '$.provider_id', r.row ->> '$.model', r.row ->> '$.estimated_input_tokens',
    r.row ->> '$.estimated_output_tokens', r.row ->> '$.free', r.row ->> '$.currency', r.row ->> '$.plan',
    r.row ->> '$.credential_owner', r.row ->> '$.reserved_cost_nanos', r.row ->> '$.reserved_currency',
    r.row ->> '$.reserved', r.row ->> '$.created_at', r.row ->> '$.admitted_at', r.row ->> '$.expires_at'
from r
where not exists (
    select 1 from ledger l
    where l.workspace_id = unhex(r.row ->> '$.workspace_id') and l.request_id = unhex(r.row ->> '$.request_id')
        and l.attempt = r.row ->> '$.attempt'
)
on conflict (workspace_id, request_id, attempt) do nothing
