-- Across tenants: the person is the predicate.
select workspace_id, id, destination, delivered_to, delivery_error
from exports
where destination like $1
