-- $1: grants that were swept as JSON.
insert into swept_grants (workspace_id, request_id, attempt, reserved, swept_at)
select r.workspace_id, r.request_id, r.attempt, r.reserved, timestamptz 'epoch' + r.swept_at * interval '1 microsecond'
from json_to_recordset(cast($1 as json)) as r(
    workspace_id uuid, request_id uuid, attempt bigint, reserved text, swept_at bigint
)
on conflict (workspace_id, request_id, attempt) do nothing
