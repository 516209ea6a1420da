-- Grants that are not settled yet. A row lives as long as its attempt.
-- tenant: open_grants
create table open_grants (
    workspace_id uuid not null,
    request_id uuid not null,
    attempt bigint not null,
    instance_id text not null,
    api_key_id uuid,
    user_id uuid,
    operation text not null,
    requested_model text not null,
    stream boolean not null,
    provider text not null,
    provider_kind text not null,
    provider_id text not null,
    model text not null,
    estimated_input_tokens bigint not null,
    free boolean not null,
    currency text not null,
    -- What was reserved in which limits, as JSON; empty when nothing is limited.
    reserved text not null,
    created_at timestamptz not null,
    admitted_at timestamptz not null,
    expires_at timestamptz not null,
    primary key (workspace_id, request_id, attempt)
);

-- One row of kind usage per grant, never changed; corrections are rows of their own. What people read is the sum.
-- tenant: ledger
create table ledger (
    workspace_id uuid not null,
    request_id uuid not null,
    attempt bigint not null,
    -- 0 is the usage row; n is the n-th correction of it.
    correction bigint not null,
    kind text not null check (kind in ('usage', 'correction')),
    -- Written by the sweep, because nobody settled the grant.
    swept boolean not null,
    provider text not null,
    provider_kind text not null,
    provider_id text not null,
    model text not null,
    api_key_id uuid,
    user_id uuid,
    input_tokens bigint not null,
    cache_read_tokens bigint not null,
    cache_write_tokens bigint not null,
    audio_input_tokens bigint not null,
    output_tokens bigint not null,
    audio_output_tokens bigint not null,
    -- Part of output_tokens.
    reasoning_tokens bigint not null,
    estimated boolean not null,
    outcome text not null,
    error_code text not null,
    provider_status bigint not null,
    -- Null: the price is not known.
    cost_nanos bigint,
    currency text not null,
    price_version text not null,
    duration_ms bigint not null,
    ttft_ms bigint not null,
    -- When the request arrived: periods are counted by it.
    created_at timestamptz not null,
    settled_at timestamptz not null,
    -- Request ids rise with time, so this is also the order of time within a workspace.
    primary key (workspace_id, request_id, attempt, correction)
);

-- One row per request, refused ones included. Tokens and cost of it are sums over the ledger.
-- tenant: request_logs
create table request_logs (
    workspace_id uuid not null,
    id uuid not null,
    api_key_id uuid,
    user_id uuid,
    operation text not null,
    requested_model text not null,
    stream boolean not null,
    provider text not null,
    model text not null,
    status_code bigint not null,
    outcome text not null,
    duration_ms bigint not null,
    ttft_ms bigint not null,
    error_code text not null,
    error_message text not null,
    -- Written by the sweep: how it really ended may still arrive.
    swept boolean not null,
    created_at timestamptz not null,
    primary key (workspace_id, id)
);

-- Gateway processes that hold grants, and when each was last heard of.
-- global: instances
create table instances (
    id text primary key,
    seen_at timestamptz not null
);

-- How far the journal of an embedded process has been folded into these tables.
-- global: journal_position
create table journal_position (
    id bigint primary key check (id = 1),
    position bigint not null
);
