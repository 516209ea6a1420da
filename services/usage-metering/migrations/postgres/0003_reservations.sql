-- What is reserved of counted resources, until it is recorded, released or expired.
-- tenant: usage_reservations
create table usage_reservations (
    workspace_id uuid not null,
    -- Name of the event that will be recorded.
    source text not null,
    id text not null,
    resource text not null,
    quantity bigint not null,
    -- In whose period it counts.
    at timestamptz not null,
    expires_at timestamptz not null,
    primary key (workspace_id, source, id)
);
create index usage_reservations_expires_at on usage_reservations (expires_at);

-- A row to hold on to while resources of a workspace are counted.
-- tenant: resource_gates
create table resource_gates (
    workspace_id uuid primary key
);
