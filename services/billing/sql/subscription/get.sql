select subscription_id, plan, plan_version, status, currency, unit_amount, billing_interval, time_zone, anchor_at, periods,
    period_start, period_end, trial_end, past_due_at, cancel_at_period_end, scheduled_plan, scheduled_version,
    scheduled_interval, scheduled_amount, scheduled_quantity, quantity, discounts, collection_method, payment_due_at, pending, created_at, ended_at
from subscriptions where workspace_id = $1
