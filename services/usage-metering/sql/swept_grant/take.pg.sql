-- $1: keys of grants as JSON, whose settlement has come after all.
delete from swept_grants
where (workspace_id, request_id, attempt) in (
    select k.workspace_id, k.request_id, k.attempt
    from json_to_recordset(cast($1 as json)) as k(workspace_id uuid, request_id uuid, attempt bigint)
)
returning workspace_id, request_id, attempt, reserved
