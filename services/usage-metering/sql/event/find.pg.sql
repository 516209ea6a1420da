-- $1: the workspace. $2: sources and ids as JSON. The events of these names. Locked: of two corrections of one
-- event the second sees the first.
select source, id, digest, resource, quantity, corrects_id
from usage_events
where workspace_id = $1 and (source, id) in (
    select k.source, k.id from json_to_recordset(cast($2 as json)) as k(source text, id text)
)
order by source, id
for update
