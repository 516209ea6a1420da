-- $1: events as JSON, in the order of their keys. The key is their identity: one that is there already is left out of
-- the answer. Whoever writes the same at the same time is waited for.
-- Materialized and binary: otherwise each column would write the row out as text and parse it again. Whole paths:
-- of a bare name SQLite makes one first, for each row and column.
with r(row) as materialized (select value from jsonb_each($1))
insert into usage_events (
    workspace_id, source, id, digest, resource, quantity, at, recorded_at, properties, corrects_source, corrects_id
)
select
    unhex(r.row ->> '$.workspace_id'), r.row ->> '$.source', r.row ->> '$.id', unhex(r.row ->> '$.digest'),
    r.row ->> '$.resource', r.row ->> '$.quantity', r.row ->> '$.at', r.row ->> '$.recorded_at',
    r.row ->> '$.properties', r.row ->> '$.corrects_source', r.row ->> '$.corrects_id'
from r
where true
on conflict (workspace_id, source, id) do nothing
returning source, id
