-- A few at a time, so that others get at the table in between.
delete from usage_events
where workspace_id = $1 and (source, id) in (
    select o.source, o.id from usage_events o where o.workspace_id = $1 and o.at < $2 order by o.at limit $3
)
