-- All that a worker needs to go on.
select id, budget_token, brief, depth, model, plan, interactive, epoch, answers, answers_due_at,
    cancel_requested_at, created_at, started_at, idle_ms, estimated_seconds, estimated_seconds_p90
from executions where id = $1
