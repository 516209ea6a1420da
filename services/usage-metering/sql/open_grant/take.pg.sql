-- $1: keys of grants as JSON. Whoever deletes a grant's row settles it: of a settlement and a sweep only one gets it.
delete from open_grants
where (workspace_id, request_id, attempt) in (
    select k.workspace_id, k.request_id, k.attempt
    from json_to_recordset(cast($1 as json)) as k(workspace_id uuid, request_id uuid, attempt bigint)
)
returning *
