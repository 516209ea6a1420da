-- What $1 recorded on a day, [$2, $3), by resource.
select resource, cast(sum(quantity) as bigint) as quantity
from usage_events
where workspace_id = $1 and at >= $2 and at < $3
group by resource
