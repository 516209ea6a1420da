-- What is reserved of counted resources, until it is recorded, released or expired.
-- tenant: usage_reservations
create table usage_reservations (
    workspace_id blob not null,
    -- Name of the event that will be recorded.
    source text not null,
    id text not null,
    resource text not null,
    quantity integer not null,
    -- In whose period it counts.
    at integer not null,
    expires_at integer not null,
    primary key (workspace_id, source, id)
) without rowid;
create index usage_reservations_expires_at on usage_reservations (expires_at);

-- A row to hold on to while resources of a workspace are counted.
-- tenant: resource_gates
create table resource_gates (
    workspace_id blob primary key
) without rowid;
