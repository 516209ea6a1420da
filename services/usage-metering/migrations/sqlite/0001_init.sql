-- Grants that are not settled yet. A row lives as long as its attempt.
-- tenant: open_grants
create table open_grants (
    workspace_id blob not null,
    request_id blob not null,
    attempt integer not null,
    instance_id text not null,
    api_key_id blob,
    user_id blob,
    operation text not null,
    requested_model text not null,
    stream boolean not null,
    provider text not null,
    provider_kind text not null,
    provider_id text not null,
    model text not null,
    estimated_input_tokens integer not null,
    free boolean not null,
    currency text not null,
    -- What was reserved in which limits, as JSON; empty when nothing is limited.
    reserved text not null,
    created_at integer not null,
    admitted_at integer not null,
    expires_at integer not null,
    primary key (workspace_id, request_id, attempt)
) without rowid;

-- One row of kind usage per grant, never changed; corrections are rows of their own. What people read is the sum.
-- tenant: ledger
create table ledger (
    workspace_id blob not null,
    request_id blob not null,
    attempt integer not null,
    -- 0 is the usage row; n is the n-th correction of it.
    correction integer not null,
    kind text not null check (kind in ('usage', 'correction')),
    -- Written by the sweep, because nobody settled the grant.
    swept boolean not null,
    provider text not null,
    provider_kind text not null,
    provider_id text not null,
    model text not null,
    api_key_id blob,
    user_id blob,
    input_tokens integer not null,
    cache_read_tokens integer not null,
    cache_write_tokens integer not null,
    audio_input_tokens integer not null,
    output_tokens integer not null,
    audio_output_tokens integer not null,
    -- Part of output_tokens.
    reasoning_tokens integer not null,
    estimated boolean not null,
    outcome text not null,
    error_code text not null,
    provider_status integer not null,
    -- Null: the price is not known.
    cost_nanos integer,
    currency text not null,
    price_version text not null,
    duration_ms integer not null,
    ttft_ms integer not null,
    -- When the request arrived: periods are counted by it.
    created_at integer not null,
    settled_at integer not null,
    -- Request ids rise with time, so this is also the order of time within a workspace.
    primary key (workspace_id, request_id, attempt, correction)
) without rowid;

-- One row per request, refused ones included. Tokens and cost of it are sums over the ledger.
-- tenant: request_logs
create table request_logs (
    workspace_id blob not null,
    id blob not null,
    api_key_id blob,
    user_id blob,
    operation text not null,
    requested_model text not null,
    stream boolean not null,
    provider text not null,
    model text not null,
    status_code integer not null,
    outcome text not null,
    duration_ms integer not null,
    ttft_ms integer not null,
    error_code text not null,
    error_message text not null,
    -- Written by the sweep: how it really ended may still arrive.
    swept boolean not null,
    created_at integer not null,
    primary key (workspace_id, id)
) without rowid;

-- Gateway processes that hold grants, and when each was last heard of.
-- global: instances
create table instances (
    id text primary key,
    seen_at integer not null
) without rowid;

-- How far the journal of an embedded process has been folded into these tables.
-- global: journal_position
create table journal_position (
    id integer primary key check (id = 1),
    position integer not null
);
