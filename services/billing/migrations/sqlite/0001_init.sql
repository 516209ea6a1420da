-- Plans, and who is on which.
--
-- global: plans
-- tenant: subscriptions
-- include: outbox

-- Every version that a plan ever had: what was agreed on can always be read.
create table plans (
    name text not null,
    version integer not null,
    -- Who published it: `settings` or `operator`. What an operator published is not changed by settings.
    source text not null,
    -- SHA-256 of what it says.
    digest text not null,
    -- A plan as `plans/shipped.json` has them.
    data text not null,
    created_at integer not null,
    primary key (name, version)
);

-- The newest one of each workspace; it stays when it has ended.
create table subscriptions (
    workspace_id blob primary key,
    subscription_id blob not null unique,
    plan text not null,
    plan_version integer not null,
    status text not null,
    -- What was agreed on; null where nothing was.
    currency text,
    unit_amount integer,
    billing_interval text not null,
    -- Periods are counted from the anchor in this time zone: what began on a 31st ends on the last day of shorter months,
    -- and on a 31st again afterwards.
    time_zone text not null,
    anchor_at integer not null,
    -- How many periods since the anchor are over.
    periods integer not null,
    period_start integer not null,
    -- Null beyond the calendar.
    period_end integer,
    trial_end integer,
    past_due_at integer,
    cancel_at_period_end boolean not null,
    scheduled_plan text,
    scheduled_version integer,
    scheduled_interval text,
    scheduled_amount integer,
    -- When time changes something of it; null where it never does.
    due_at integer,
    created_at integer not null,
    updated_at integer not null,
    ended_at integer
);
create index subscriptions_due on subscriptions (due_at);
