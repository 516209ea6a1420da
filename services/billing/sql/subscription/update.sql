update subscriptions
set subscription_id = $2, plan = $3, plan_version = $4, status = $5, currency = $6, unit_amount = $7,
    billing_interval = $8, time_zone = $9, anchor_at = $10, periods = $11, period_start = $12, period_end = $13,
    trial_end = $14, past_due_at = $15, cancel_at_period_end = $16, scheduled_plan = $17, scheduled_version = $18,
    scheduled_interval = $19, scheduled_amount = $20, collection_method = $21, payment_due_at = $22, pending = $23,
    due_at = $24, created_at = $25, updated_at = $26, ended_at = $27, quantity = $28,
    scheduled_quantity = $29, discounts = $30
where workspace_id = $1
