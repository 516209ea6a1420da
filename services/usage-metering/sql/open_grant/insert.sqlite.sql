-- The fields of a grant, in their order; repeated for several. One that was settled before stays closed: admitting it
-- again is the same answer, not a new row.
insert into open_grants (
    workspace_id, request_id, attempt, instance_id, api_key_id, user_id, operation, requested_model, stream, provider,
    provider_kind, provider_id, model, estimated_input_tokens, estimated_output_tokens, free, currency, plan,
    credential_owner, reserved_cost_nanos, reserved_currency, reserved, created_at, admitted_at, expires_at, units, team_id
)
select *
from (
    values (
        $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24,
        $25, $26, $27
    )
) as r
where not exists (
    select 1 from ledger l where l.workspace_id = r.column1 and l.request_id = r.column2 and l.attempt = r.column3
)
on conflict (workspace_id, request_id, attempt) do nothing
