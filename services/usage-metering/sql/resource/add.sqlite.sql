-- $1: sums as JSON, each key once, in the order of keys: so that of two who add to the same rows one waits for the
-- other, and never each for the other.
insert into resource_quarters (workspace_id, at, resource, events, quantity)
select
    unhex(r.value ->> 'workspace_id'), r.value ->> 'at', r.value ->> 'resource', r.value ->> 'events',
    r.value ->> 'quantity'
from json_each($1) as r
where true
on conflict (workspace_id, at, resource) do update set
    events = resource_quarters.events + excluded.events,
    quantity = resource_quarters.quantity + excluded.quantity
