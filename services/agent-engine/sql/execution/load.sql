-- All that a worker needs to go on.
select id, budget_token, brief, depth, model, plan, interactive, epoch, answers, answers_due_at,
    cancel_requested_at, created_at, started_at
from executions where id = $1
