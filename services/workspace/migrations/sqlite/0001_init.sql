-- Tenants, their members and their provider credentials; what is known of people; what happened.
--
-- tenant: workspaces
-- tenant: members
-- tenant: providers
-- tenant: data_keys
-- tenant: audit_events
-- global: people
-- global: feed_positions
-- include: outbox
-- include: replay

-- A workspace is the tenant: its own id is the column that isolation looks at.
create table workspaces (
    workspace_id blob primary key,
    created_by blob not null,
    name text not null,
    plan text not null,
    currency text not null,
    time_zone text not null,
    locale text not null,
    -- What the workspace limits: itself, each member, and models by name. Messages of `perpetuo.limits.v1` as JSON, in
    -- which null is unlimited and a period is 1 day, 2 month or 3 total.
    limits text not null default '{}',
    per_user text not null default '{}',
    per_model text not null default '{}',
    created_at integer not null,
    updated_at integer not null
);

create table members (
    member_id blob primary key,
    workspace_id blob not null references workspaces (workspace_id),
    user_id blob not null,
    role text not null,
    created_at integer not null,
    unique (workspace_id, user_id)
);
-- Every workspace of a person: at each login, and for `GET /workspaces`.
create index members_of_user on members (user_id, workspace_id);

create table providers (
    provider_id blob primary key,
    workspace_id blob not null references workspaces (workspace_id),
    kind text not null,
    name text not null,
    -- The name in lower case: `OpenAI/gpt` and `openai/gpt` must not be two places.
    name_key text not null,
    base_url text not null,
    priority integer not null,
    weight integer not null,
    enabled boolean not null,
    -- A JSON array of names; empty means any model.
    models text not null,
    -- A JSON object.
    options text not null,
    -- Sealed with the workspace's data key; null where there is none.
    sealed_key blob,
    key_hint text not null,
    created_at integer not null,
    updated_at integer not null,
    unique (workspace_id, name_key)
);

-- One for each workspace, wrapped by the master key. Deleting it erases whatever it sealed, also in backups.
create table data_keys (
    workspace_id blob primary key references workspaces (workspace_id),
    wrapped blob not null,
    created_at integer not null
);

-- Append-only. From this service's outbox and identity's; the id of an event is the same however often it arrives.
create table audit_events (
    event_id blob primary key,
    workspace_id blob not null,
    -- The service whose feed it came from, and its place there.
    source text not null,
    position integer not null,
    at integer not null,
    actor text not null,
    kind text not null,
    subject text not null,
    request_id text not null,
    payload text not null
);
create index audit_events_of_workspace on audit_events (workspace_id, at, event_id);

-- Names and addresses to show beside members. Identity owns them; this is what its feed said last.
create table people (
    user_id blob primary key,
    email text not null,
    name text not null,
    -- The position in identity's feed of the event that said so; 0: said by provisioning.
    position integer not null
);

-- How far each followed feed has been applied.
create table feed_positions (
    source text primary key,
    position integer not null
);
