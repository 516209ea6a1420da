-- $1: grants as JSON. One that was settled before stays closed: admitting it again is the same answer, not a new row.
insert into open_grants (
    workspace_id, request_id, attempt, instance_id, api_key_id, user_id, operation, requested_model, stream, provider,
    provider_kind, provider_id, model, estimated_input_tokens, estimated_output_tokens, free, currency, plan,
    credential_owner, reserved_cost_nanos, reserved_currency, reserved, created_at, admitted_at, expires_at, units, team_id
)
select
    r.workspace_id, r.request_id, r.attempt, r.instance_id, r.api_key_id, r.user_id, r.operation, r.requested_model,
    r.stream, r.provider, r.provider_kind, r.provider_id, r.model, r.estimated_input_tokens,
    r.estimated_output_tokens, r.free, r.currency, r.plan, r.credential_owner, r.reserved_cost_nanos,
    r.reserved_currency, r.reserved, timestamptz 'epoch' + r.created_at * interval '1 microsecond',
    timestamptz 'epoch' + r.admitted_at * interval '1 microsecond',
    timestamptz 'epoch' + r.expires_at * interval '1 microsecond', r.units, r.team_id
from json_to_recordset(cast($1 as json)) as r(
    workspace_id uuid, request_id uuid, attempt bigint, instance_id text, api_key_id uuid, user_id uuid,
    operation text, requested_model text, stream boolean, provider text, provider_kind text, provider_id text,
    model text, estimated_input_tokens bigint, estimated_output_tokens bigint, free boolean, currency text, plan text,
    credential_owner text, reserved_cost_nanos bigint, reserved_currency text, reserved text, created_at bigint,
    admitted_at bigint, expires_at bigint, units text, team_id uuid
)
where not exists (
    select 1 from ledger l
    where l.workspace_id = r.workspace_id and l.request_id = r.request_id and l.attempt = r.attempt
)
on conflict (workspace_id, request_id, attempt) do nothing
