-- $1: the workspace. $2: sources and ids as JSON, of events that are being recorded.
delete from usage_reservations
where workspace_id = $1 and (source, id) in (
    select k.value ->> 'source', k.value ->> 'id' from json_each($2) as k
)
