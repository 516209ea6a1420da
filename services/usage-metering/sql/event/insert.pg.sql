-- $1: events as JSON, in the order of their keys. The key is their identity: one that is there already is left out of
-- the answer. Whoever writes the same at the same time is waited for.
insert into usage_events (
    workspace_id, source, id, digest, resource, quantity, at, recorded_at, properties, corrects_source, corrects_id
)
select
    r.workspace_id, r.source, r.id, decode(r.digest, 'hex'), r.resource, r.quantity,
    timestamptz 'epoch' + r.at * interval '1 microsecond',
    timestamptz 'epoch' + r.recorded_at * interval '1 microsecond', r.properties, r.corrects_source, r.corrects_id
from json_to_recordset(cast($1 as json)) as r(
    workspace_id uuid, source text, id text, digest text, resource text, quantity bigint, at bigint,
    recorded_at bigint, properties text, corrects_source text, corrects_id text
)
on conflict (workspace_id, source, id) do nothing
returning source, id
