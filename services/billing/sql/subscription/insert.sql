-- The first one of a workspace. Of two at once the second inserts nothing.
insert into subscriptions
    (workspace_id, subscription_id, plan, plan_version, status, currency, unit_amount, billing_interval, time_zone,
    anchor_at, periods, period_start, period_end, trial_end, past_due_at, cancel_at_period_end, scheduled_plan,
    scheduled_version, scheduled_interval, scheduled_amount, collection_method, payment_due_at, pending, due_at, created_at, updated_at, ended_at,
    quantity, scheduled_quantity, discounts)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30)
on conflict (workspace_id) do nothing
