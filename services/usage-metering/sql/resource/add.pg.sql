-- $1: sums as JSON, each key once, in the order of keys: so that of two who add to the same rows one waits for the
-- other, and never each for the other.
insert into resource_quarters (workspace_id, at, resource, events, quantity)
select
    r.workspace_id, timestamptz 'epoch' + r.at * interval '1 microsecond', r.resource, r.events, r.quantity
from json_to_recordset(cast($1 as json)) as r(
    workspace_id uuid, at bigint, resource text, events bigint, quantity bigint
)
on conflict (workspace_id, at, resource) do update set
    events = resource_quarters.events + excluded.events,
    quantity = resource_quarters.quantity + excluded.quantity
