-- $1: the workspace. $2: sources and ids as JSON. By how much these events are corrected.
select corrects_source as source, corrects_id as id, cast(sum(quantity) as bigint) as quantity
from usage_events
where workspace_id = $1 and corrects_id is not null and (corrects_source, corrects_id) in (
    select k.source, k.id from json_to_recordset(cast($2 as json)) as k(source text, id text)
)
group by corrects_source, corrects_id
