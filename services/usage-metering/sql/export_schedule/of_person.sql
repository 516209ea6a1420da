-- Across tenants: the person is the predicate.
select workspace_id, id, destination, error
from export_schedules
where destination like $1
