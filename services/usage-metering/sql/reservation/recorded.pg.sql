-- $1: the workspace. $2: sources and ids as JSON, of events that are being recorded.
delete from usage_reservations
where workspace_id = $1 and (source, id) in (
    select k.source, k.id from json_to_recordset(cast($2 as json)) as k(source text, id text)
)
