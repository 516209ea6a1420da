select *
from export_schedules
where next_run_at <= $1 and not paused
order by next_run_at
limit $2
