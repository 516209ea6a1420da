-- Webhooks: addresses to which a workspace has events sent, what is sent, and what came of it.
--
-- tenant: webhooks
-- tenant: webhook_deliveries
-- tenant: webhook_attempts

create table webhooks (
    webhook_id uuid primary key,
    workspace_id uuid not null references workspaces (workspace_id),
    url text not null,
    description text not null,
    -- A JSON array of types, or of `*` alone.
    event_types text not null,
    enabled boolean not null,
    -- `gone` or `failing`; empty where its owners disabled it or it is enabled.
    disabled_because text not null,
    -- Sealed with the workspace's data key: deleting that erases them. The one before signs as well until its time is over.
    sealed_secret bytea not null,
    sealed_before bytea,
    before_until timestamptz,
    -- Attempts that failed since the last that did not, and when the first of them was.
    failures bigint not null,
    failing_since timestamptz,
    -- When the next of its deliveries is due; null: none is. Never later than what its deliveries say.
    next_at timestamptz,
    -- Until then it is one process's, or left in peace.
    claimed_until timestamptz not null,
    created_at timestamptz not null,
    updated_at timestamptz not null
);
create unique index webhooks_listed on webhooks (workspace_id, webhook_id);
create index webhooks_due on webhooks (next_at) where next_at is not null;

create table webhook_deliveries (
    delivery_id uuid primary key,
    workspace_id uuid not null references workspaces (workspace_id),
    webhook_id uuid not null,
    event_id uuid not null,
    event_type text not null,
    -- The bytes that are signed and sent.
    body text not null,
    -- `pending`, `delivered` or `failed`.
    status text not null,
    attempts bigint not null,
    -- Null: no attempt is to come.
    next_at timestamptz,
    created_at timestamptz not null
);
-- Feeds deliver at least once: an event goes to a webhook once.
create unique index webhook_deliveries_of_event on webhook_deliveries (webhook_id, event_id);
create index webhook_deliveries_listed on webhook_deliveries (workspace_id, webhook_id, delivery_id);
create index webhook_deliveries_due on webhook_deliveries (webhook_id, next_at) where next_at is not null;
create index webhook_deliveries_old on webhook_deliveries (created_at);

create table webhook_attempts (
    attempt_id uuid primary key,
    workspace_id uuid not null references workspaces (workspace_id),
    webhook_id uuid not null,
    delivery_id uuid not null,
    at timestamptz not null,
    -- Null: there was no answer.
    status_code bigint,
    -- One sentence; empty for one that succeeded.
    error text not null,
    duration_ms bigint not null,
    -- How the answer begins.
    answer text not null
);
create index webhook_attempts_listed on webhook_attempts (workspace_id, webhook_id, delivery_id, attempt_id);
create index webhook_attempts_old on webhook_attempts (delivery_id);
