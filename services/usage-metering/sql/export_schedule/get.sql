select *
from export_schedules
where workspace_id = $1 and id = $2
