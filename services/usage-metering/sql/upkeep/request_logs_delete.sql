-- A few at a time, so that others get at the table in between.
delete from request_logs
where workspace_id = $1 and id in (
    select o.id from request_logs o where o.workspace_id = $1 and o.id < $2 order by o.id limit $3
)
