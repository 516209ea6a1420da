-- A few at a time, so that others get at the table in between.
delete from resource_quarters
where workspace_id = $1 and at in (
    select o.at from resource_quarters o where o.workspace_id = $1 and o.at < $2 order by o.at limit $3
)
