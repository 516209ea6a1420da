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
    estimated_output_tokens integer not null,
    free boolean not null,
    currency text not null,
    plan text not null,
    -- Whose credential the provider is called with: workspace, platform or simulator.
    credential_owner text not null,
    -- What was reserved of budgets. Null: the price was not known, or there was no budget.
    reserved_cost_nanos integer,
    reserved_currency text not null,
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
    -- 0 is the usage row; 1 and more are corrections and re-ratings of it, in their order.
    correction integer not null,
    kind text not null check (kind in ('usage', 'correction', 'rerate')),
    -- Written by the sweep, because nobody settled the grant.
    swept boolean not null,
    provider text not null,
    provider_kind text not null,
    provider_id text not null,
    model text not null,
    api_key_id blob,
    user_id blob,
    operation text not null,
    plan text not null,
    -- Whose credential the provider was called with: workspace, platform or simulator.
    credential_owner text not null,
    input_tokens integer not null,
    cache_read_tokens integer not null,
    cache_write_5m_tokens integer not null,
    cache_write_1h_tokens integer not null,
    audio_input_tokens integer not null,
    image_input_tokens integer not null,
    output_tokens integer not null,
    audio_output_tokens integer not null,
    image_output_tokens integer not null,
    -- Part of output_tokens.
    reasoning_tokens integer not null,
    estimated boolean not null,
    outcome text not null,
    error_code text not null,
    provider_status integer not null,
    -- Nano-units of the currency. Null: the price is not known.
    cost_nanos integer,
    -- By the catalogue alone, without what the workspace agreed and without markup.
    list_cost_nanos integer,
    -- Of the price; of the workspace where there is none.
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

-- What was used in each minute, UTC, by everything that people ask for. Written with the ledger rows that it sums.
-- tenant: usage_minutes
create table usage_minutes (
    workspace_id blob not null,
    -- When it began.
    at integer not null,
    provider text not null,
    model text not null,
    -- The zero uuid: none.
    api_key_id blob not null,
    user_id blob not null,
    credential_owner text not null,
    plan text not null,
    operation text not null,
    currency text not null,
    -- First attempts: each request has one.
    requests integer not null,
    attempts integer not null,
    failed integer not null,
    input_tokens integer not null,
    cache_read_tokens integer not null,
    cache_write_5m_tokens integer not null,
    cache_write_1h_tokens integer not null,
    audio_input_tokens integer not null,
    image_input_tokens integer not null,
    output_tokens integer not null,
    audio_output_tokens integer not null,
    image_output_tokens integer not null,
    -- Part of output_tokens.
    reasoning_tokens integer not null,
    cost_nanos integer not null,
    list_cost_nanos integer not null,
    -- Attempts whose price is known, and others.
    priced integer not null,
    unpriced integer not null,
    primary key (workspace_id, at, provider, model, api_key_id, user_id, credential_owner, plan, operation, currency)
) without rowid;

-- What was used in each quarter of an hour, UTC, by everything that people ask for. Written with the ledger rows that it sums.
-- tenant: usage_quarters
create table usage_quarters (
    workspace_id blob not null,
    -- When it began.
    at integer not null,
    provider text not null,
    model text not null,
    -- The zero uuid: none.
    api_key_id blob not null,
    user_id blob not null,
    credential_owner text not null,
    plan text not null,
    operation text not null,
    currency text not null,
    -- First attempts: each request has one.
    requests integer not null,
    attempts integer not null,
    failed integer not null,
    input_tokens integer not null,
    cache_read_tokens integer not null,
    cache_write_5m_tokens integer not null,
    cache_write_1h_tokens integer not null,
    audio_input_tokens integer not null,
    image_input_tokens integer not null,
    output_tokens integer not null,
    audio_output_tokens integer not null,
    image_output_tokens integer not null,
    -- Part of output_tokens.
    reasoning_tokens integer not null,
    cost_nanos integer not null,
    list_cost_nanos integer not null,
    -- Attempts whose price is known, and others.
    priced integer not null,
    unpriced integer not null,
    primary key (workspace_id, at, provider, model, api_key_id, user_id, credential_owner, plan, operation, currency)
) without rowid;

-- The same by hour and by day, from three sides each, so that a month has few rows whoever asks: how many there are
-- grows with the providers' models and with the callers, and not with the pairs of both.
-- tenant: usage_spans
create table usage_spans (
    workspace_id blob not null,
    -- hour or day
    span text not null,
    -- model: by provider and model; caller: by key and user; plan. What a side does not show is empty.
    face text not null,
    -- When it began, UTC.
    at integer not null,
    provider text not null,
    model text not null,
    api_key_id blob not null,
    user_id blob not null,
    plan text not null,
    currency text not null,
    requests integer not null,
    attempts integer not null,
    failed integer not null,
    input_tokens integer not null,
    cache_read_tokens integer not null,
    cache_write_5m_tokens integer not null,
    cache_write_1h_tokens integer not null,
    audio_input_tokens integer not null,
    image_input_tokens integer not null,
    output_tokens integer not null,
    audio_output_tokens integer not null,
    image_output_tokens integer not null,
    reasoning_tokens integer not null,
    cost_nanos integer not null,
    list_cost_nanos integer not null,
    priced integer not null,
    unpriced integer not null,
    primary key (workspace_id, span, face, at, provider, model, api_key_id, user_id, plan, currency)
) without rowid;

-- Hours that used far more than usual, once they were announced.
-- tenant: usage_anomalies
create table usage_anomalies (
    workspace_id blob not null,
    -- When the hour began, UTC.
    at integer not null,
    found_at integer not null,
    primary key (workspace_id, at)
) without rowid;

-- Metered events of any resource. The key is their identity: the same event again is counted once.
-- tenant: usage_events
create table usage_events (
    workspace_id blob not null,
    source text not null,
    id text not null,
    -- SHA-256 of what the event says, so that another payload under the same id is seen.
    digest blob not null,
    resource text not null,
    quantity integer not null,
    at integer not null,
    recorded_at integer not null,
    -- JSON
    properties text not null,
    -- The event that this one corrects.
    corrects_source text,
    corrects_id text,
    primary key (workspace_id, source, id)
) without rowid;
create index usage_events_corrections on usage_events (workspace_id, corrects_source, corrects_id)
    where corrects_id is not null;
create index usage_events_at on usage_events (workspace_id, at);

-- Sums of usage_events by quarter of an hour, UTC.
-- tenant: resource_quarters
create table resource_quarters (
    workspace_id blob not null,
    at integer not null,
    resource text not null,
    events integer not null,
    quantity integer not null,
    primary key (workspace_id, at, resource)
) without rowid;

-- What a workspace agreed on prices: one document, replaced as a whole.
-- tenant: price_overrides
create table price_overrides (
    workspace_id blob primary key,
    -- JSON
    document text not null,
    changed_at integer not null
) without rowid;
create index price_overrides_changed on price_overrides (changed_at);

-- Thresholds of quotas and budgets that were told: each once per counter, which is of one period.
-- tenant: warnings
create table warnings (
    workspace_id blob not null,
    counter text not null,
    -- Percent.
    threshold integer not null,
    at integer not null,
    primary key (workspace_id, counter, threshold)
) without rowid;

-- Which counters in Redis belong to these tables, and when they were lost.
-- global: counter_epoch
create table counter_epoch (
    id integer primary key check (id = 1),
    -- Names this database among others that share a Redis.
    installation text not null,
    epoch text not null,
    -- Milliseconds since 1970, 0: never.
    lost_at integer not null
);

-- include: outbox

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
) without rowid;

-- What workspaces asked to have written, and how far it is. A row outlives its bytes.
-- tenant: exports
create table exports (
    workspace_id blob not null,
    id blob not null,
    schedule_id blob,
    kind text not null,
    format text not null,
    status text not null check (status in ('queued', 'running', 'done', 'failed', 'expired')),
    period_from integer not null,
    period_to integer not null,
    created_by text not null,
    created_at integer not null,
    -- Not written before this time.
    due_at integer not null,
    -- How often somebody has begun to write it, and until when the last of them may be silent.
    tries integer not null,
    failures integer not null,
    writer_until integer not null,
    row_count integer not null,
    byte_count integer not null,
    error text not null,
    finished_at integer,
    expires_at integer,
    primary key (workspace_id, id)
) without rowid;
create index exports_open on exports (due_at) where status in ('queued', 'running');
create index exports_kept on exports (expires_at) where status = 'done';

-- The bytes of exports, where processes share no disk. Each try writes its own.
-- tenant: export_chunks
create table export_chunks (
    workspace_id blob not null,
    export_id blob not null,
    try integer not null,
    number integer not null,
    bytes blob not null,
    primary key (workspace_id, export_id, try, number)
);

-- Exports that are made again and again.
-- tenant: export_schedules
create table export_schedules (
    workspace_id blob not null,
    id blob not null,
    kind text not null,
    format text not null,
    cron text not null,
    time_zone text not null,
    destination text not null,
    created_by text not null,
    created_at integer not null,
    next_run_at integer not null,
    last_run_at integer,
    -- What was before is in exports that were made.
    covered_until integer not null,
    failures integer not null,
    paused boolean not null,
    error text not null,
    primary key (workspace_id, id)
) without rowid;
create index export_schedules_next on export_schedules (next_run_at);

-- A row to hold on to while the exports and schedules of a workspace are counted.
-- tenant: export_gates
create table export_gates (
    workspace_id blob primary key
) without rowid;

-- include: replay
