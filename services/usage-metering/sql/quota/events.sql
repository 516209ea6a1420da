-- What a workspace has recorded of a resource in [$2, $3).
select cast(coalesce(sum(quantity), 0) as bigint) as quantity
from resource_quarters
where workspace_id = $1
    and at >= $2
    and at < $3
    and resource = $4
