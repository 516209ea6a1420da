select count(*) as n
from export_schedules
where workspace_id = $1
