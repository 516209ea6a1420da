-- Totals of a workspace in [$2, $5), by resource: whole quarters in [$3, $4), and single events before and after them.
select
    p.resource,
    cast(sum(p.events) as bigint) as events,
    cast(sum(p.quantity) as bigint) as quantity
from (
    select resource, events, quantity
    from resource_quarters
    where workspace_id = $1 and at >= $3 and at < $4
    union all
    select resource, case when corrects_id is null then 1 else 0 end as events, quantity
    from usage_events
    where workspace_id = $1 and at >= $2 and at < $3
    union all
    select resource, case when corrects_id is null then 1 else 0 end as events, quantity
    from usage_events
    where workspace_id = $1 and at >= $4 and at < $5
) p
group by p.resource
order by p.resource
