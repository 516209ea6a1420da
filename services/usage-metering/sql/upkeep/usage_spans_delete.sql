-- A few at a time, so that others get at the table in between.
delete from usage_spans
where workspace_id = $1 and at in (
    select o.at from usage_spans o where o.workspace_id = $1 and o.at < $2 order by o.at limit $3
)
