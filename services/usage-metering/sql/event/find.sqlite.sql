-- $1: the workspace. $2: sources and ids as JSON. The events of these names.
select source, id, digest, resource, quantity, corrects_id
from usage_events
where workspace_id = $1 and (source, id) in (
    select k.value ->> 'source', k.value ->> 'id' from json_each($2) as k
)
order by source, id
