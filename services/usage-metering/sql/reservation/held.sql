-- What is reserved of a resource in [$2, $3) and has not expired by $5.
select cast(coalesce(sum(quantity), 0) as bigint) as quantity
from usage_reservations
where workspace_id = $1
    and at >= $2
    and at < $3
    and resource = $4
    and expires_at > $5
