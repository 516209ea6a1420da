-- Providers of the platform: what its operators pay for, and charge by plan.
--
-- global: platform_providers
-- global: platform_audit

create table platform_providers (
    provider_id uuid primary key,
    kind text not null,
    name text not null,
    -- The name in lower case, as of workspaces' own.
    name_key text not null unique,
    base_url text not null,
    priority bigint not null,
    weight bigint not null,
    enabled boolean not null,
    -- A JSON array of names; empty means any model.
    models text not null,
    -- A JSON object.
    options text not null,
    -- JSON arrays: names of plans, and ids of workspaces, that may use it. Both empty: all may.
    plans text not null,
    workspaces text not null,
    -- Sealed with the master key, as it belongs to no workspace; null where there is none.
    sealed_key bytea,
    key_hint text not null,
    created_at timestamptz not null,
    updated_at timestamptz not null
);

-- What was done to the platform as a whole, for ever: rows are added, never changed. What happens in a workspace is in
-- that workspace's own trail.
create table platform_audit (
    id uuid primary key,
    at timestamptz not null,
    -- `usr_…`
    actor text not null,
    action text not null,
    -- The id of what it was done to.
    subject text not null,
    request_id text not null,
    facts jsonb not null
);
