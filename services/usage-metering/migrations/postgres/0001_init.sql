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
    estimated_output_tokens bigint not null,
    free boolean not null,
    currency text not null,
    plan text not null,
    -- Whose credential the provider is called with: workspace, platform or simulator.
    credential_owner text not null,
    -- What was reserved of budgets. Null: the price was not known, or there was no budget.
    reserved_cost_nanos bigint,
    reserved_currency text not null,
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
    -- 0 is the usage row; 1 and more are corrections and re-ratings of it, in their order.
    correction bigint not null,
    kind text not null check (kind in ('usage', 'correction', 'rerate')),
    -- Written by the sweep, because nobody settled the grant.
    swept boolean not null,
    provider text not null,
    provider_kind text not null,
    provider_id text not null,
    model text not null,
    api_key_id uuid,
    user_id uuid,
    operation text not null,
    plan text not null,
    -- Whose credential the provider was called with: workspace, platform or simulator.
    credential_owner text not null,
    input_tokens bigint not null,
    cache_read_tokens bigint not null,
    cache_write_5m_tokens bigint not null,
    cache_write_1h_tokens bigint not null,
    audio_input_tokens bigint not null,
    image_input_tokens bigint not null,
    output_tokens bigint not null,
    audio_output_tokens bigint not null,
    image_output_tokens bigint not null,
    -- Part of output_tokens.
    reasoning_tokens bigint not null,
    estimated boolean not null,
    outcome text not null,
    error_code text not null,
    provider_status bigint not null,
    -- Nano-units of the currency. Null: the price is not known.
    cost_nanos bigint,
    -- By the catalogue alone, without what the workspace agreed and without markup.
    list_cost_nanos bigint,
    -- Of the price; of the workspace where there is none.
    currency text not null,
    price_version text not null,
    duration_ms bigint not null,
    ttft_ms bigint not null,
    -- When the request arrived: periods are counted by it.
    created_at timestamptz not null,
    settled_at timestamptz not null,
    -- Request ids rise with time, so this is also the order of time within a workspace.
    primary key (workspace_id, request_id, attempt, correction)
) partition by range (request_id);
create table ledger_default partition of ledger default;

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
) partition by range (id);
create table request_logs_default partition of request_logs default;

-- What was used in each minute, UTC, by everything that people ask for. Written with the ledger rows that it sums.
-- tenant: usage_minutes
create table usage_minutes (
    workspace_id uuid not null,
    -- When it began.
    at timestamptz not null,
    provider text not null,
    model text not null,
    -- The zero uuid: none.
    api_key_id uuid not null,
    user_id uuid not null,
    credential_owner text not null,
    plan text not null,
    operation text not null,
    currency text not null,
    -- First attempts: each request has one.
    requests bigint not null,
    attempts bigint not null,
    failed bigint not null,
    input_tokens bigint not null,
    cache_read_tokens bigint not null,
    cache_write_5m_tokens bigint not null,
    cache_write_1h_tokens bigint not null,
    audio_input_tokens bigint not null,
    image_input_tokens bigint not null,
    output_tokens bigint not null,
    audio_output_tokens bigint not null,
    image_output_tokens bigint not null,
    -- Part of output_tokens.
    reasoning_tokens bigint not null,
    cost_nanos bigint not null,
    list_cost_nanos bigint not null,
    -- Attempts whose price is known, and others.
    priced bigint not null,
    unpriced bigint not null,
    primary key (workspace_id, at, provider, model, api_key_id, user_id, credential_owner, plan, operation, currency)
);

-- What was used in each quarter of an hour, UTC, by everything that people ask for. Written with the ledger rows that it sums.
-- tenant: usage_quarters
create table usage_quarters (
    workspace_id uuid not null,
    -- When it began.
    at timestamptz not null,
    provider text not null,
    model text not null,
    -- The zero uuid: none.
    api_key_id uuid not null,
    user_id uuid not null,
    credential_owner text not null,
    plan text not null,
    operation text not null,
    currency text not null,
    -- First attempts: each request has one.
    requests bigint not null,
    attempts bigint not null,
    failed bigint not null,
    input_tokens bigint not null,
    cache_read_tokens bigint not null,
    cache_write_5m_tokens bigint not null,
    cache_write_1h_tokens bigint not null,
    audio_input_tokens bigint not null,
    image_input_tokens bigint not null,
    output_tokens bigint not null,
    audio_output_tokens bigint not null,
    image_output_tokens bigint not null,
    -- Part of output_tokens.
    reasoning_tokens bigint not null,
    cost_nanos bigint not null,
    list_cost_nanos bigint not null,
    -- Attempts whose price is known, and others.
    priced bigint not null,
    unpriced bigint not null,
    primary key (workspace_id, at, provider, model, api_key_id, user_id, credential_owner, plan, operation, currency)
);

-- The same by hour and by day, from three sides each, so that a month has few rows whoever asks: how many there are
-- grows with the providers' models and with the callers, and not with the pairs of both.
-- tenant: usage_spans
create table usage_spans (
    workspace_id uuid not null,
    -- hour or day
    span text not null,
    -- model: by provider and model; caller: by key and user; plan. What a side does not show is empty.
    face text not null,
    -- When it began, UTC.
    at timestamptz not null,
    provider text not null,
    model text not null,
    api_key_id uuid not null,
    user_id uuid not null,
    plan text not null,
    currency text not null,
    requests bigint not null,
    attempts bigint not null,
    failed bigint not null,
    input_tokens bigint not null,
    cache_read_tokens bigint not null,
    cache_write_5m_tokens bigint not null,
    cache_write_1h_tokens bigint not null,
    audio_input_tokens bigint not null,
    image_input_tokens bigint not null,
    output_tokens bigint not null,
    audio_output_tokens bigint not null,
    image_output_tokens bigint not null,
    reasoning_tokens bigint not null,
    cost_nanos bigint not null,
    list_cost_nanos bigint not null,
    priced bigint not null,
    unpriced bigint not null,
    primary key (workspace_id, span, face, at, provider, model, api_key_id, user_id, plan, currency)
);

-- Hours that used far more than usual, once they were announced.
-- tenant: usage_anomalies
create table usage_anomalies (
    workspace_id uuid not null,
    -- When the hour began, UTC.
    at timestamptz not null,
    found_at timestamptz not null,
    primary key (workspace_id, at)
);

-- Metered events of any resource. The key is their identity: the same event again is counted once.
-- tenant: usage_events
create table usage_events (
    workspace_id uuid not null,
    source text not null,
    id text not null,
    -- SHA-256 of what the event says, so that another payload under the same id is seen.
    digest bytea not null,
    resource text not null,
    quantity bigint not null,
    at timestamptz not null,
    recorded_at timestamptz not null,
    -- JSON
    properties text not null,
    -- The event that this one corrects.
    corrects_source text,
    corrects_id text,
    primary key (workspace_id, source, id)
);
create index usage_events_corrections on usage_events (workspace_id, corrects_source, corrects_id)
    where corrects_id is not null;
create index usage_events_at on usage_events (workspace_id, at);

-- Sums of usage_events by quarter of an hour, UTC.
-- tenant: resource_quarters
create table resource_quarters (
    workspace_id uuid not null,
    at timestamptz not null,
    resource text not null,
    events bigint not null,
    quantity bigint not null,
    primary key (workspace_id, at, resource)
);

-- What a workspace agreed on prices: one document, replaced as a whole.
-- tenant: price_overrides
create table price_overrides (
    workspace_id uuid primary key,
    -- JSON
    document text not null,
    changed_at timestamptz not null
);
create index price_overrides_changed on price_overrides (changed_at);

-- Thresholds of quotas and budgets that were told: each once per counter, which is of one period.
-- tenant: warnings
create table warnings (
    workspace_id uuid not null,
    counter text not null,
    -- Percent.
    threshold bigint not null,
    at timestamptz not null,
    primary key (workspace_id, counter, threshold)
);

-- Which counters in Redis belong to these tables, and when they were lost.
-- global: counter_epoch
create table counter_epoch (
    id bigint primary key check (id = 1),
    -- Names this database among others that share a Redis.
    installation text not null,
    epoch text not null,
    -- Milliseconds since 1970, 0: never.
    lost_at bigint not null
);

-- include: outbox

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

-- Months of ledger and request_logs. Ids are uuids of version 7 and rise with time, so a month is a range of them.
-- The role that works owns no table: it asks these functions, and only in a transaction of the system. A month is
-- fenced like its parent, and nobody but its owner may name it.
create function month_floor_id(at timestamptz) returns uuid
    language sql stable set search_path = pg_catalog, pg_temp
    return cast(
        lpad(to_hex(cast(extract(epoch from date_trunc('month', at at time zone 'UTC')) * 1000 as bigint)), 12, '0')
        || repeat('0', 20) as uuid
    );

-- What every table of tenants has.
create function fence_part(part text) returns void
    language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
    execute format('alter table usage.%I enable row level security, force row level security', part);
    execute format(
        'create policy fence on usage.%I using (
            workspace_id = (select nullif(current_setting(''perpetuo.workspace'', true), '''')::uuid)
            or (select current_setting(''perpetuo.system'', true)) <> '''')',
        part
    );
end
$$;

create function make_months(since timestamptz, months integer) returns void
    language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s'
as $$
declare
    parent text;
    month text;
    start timestamptz;
begin
    if coalesce(current_setting('perpetuo.system', true), '') = '' then
        raise insufficient_privilege using message = 'only the system makes partitions';
    end if;
    perform pg_advisory_xact_lock(hashtext('perpetuo usage months'));
    foreach parent in array array['ledger', 'request_logs'] loop
        for ahead in 0 .. months - 1 loop
            start := (date_trunc('month', since at time zone 'UTC') + make_interval(months => ahead)) at time zone 'UTC';
            month := parent || '_' || to_char(start at time zone 'UTC', '"y"YYYY"m"MM');
            continue when to_regclass('usage.' || month) is not null;
            execute format('create table usage.%I (like usage.%I including all)', month, parent);
            perform usage.fence_part(month);
            -- What came before its month was made waits in the default partition.
            execute format(
                'with moved as (delete from usage.%I where %I >= %L and %I < %L returning *)
                 insert into usage.%I select * from moved',
                parent || '_default', case parent when 'ledger' then 'request_id' else 'id' end,
                usage.month_floor_id(start), case parent when 'ledger' then 'request_id' else 'id' end,
                usage.month_floor_id(start + interval '32 days'), month
            );
            execute format(
                'alter table usage.%I attach partition usage.%I for values from (%L) to (%L)',
                parent, month, usage.month_floor_id(start), usage.month_floor_id(start + interval '32 days')
            );
        end loop;
    end loop;
end
$$;

-- Drops the months of a table that ended before a time, and says how many.
create function drop_months(parent text, before timestamptz) returns bigint
    language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s'
as $$
declare
    month text;
    dropped bigint := 0;
begin
    if coalesce(current_setting('perpetuo.system', true), '') = '' then
        raise insufficient_privilege using message = 'only the system drops partitions';
    end if;
    if parent not in ('ledger', 'request_logs') then
        raise invalid_parameter_value using message = 'only ledger and request_logs have months';
    end if;
    perform pg_advisory_xact_lock(hashtext('perpetuo usage months'));
    for month in
        select c.relname
        from pg_inherits i
        join pg_class c on c.oid = i.inhrelid
        where i.inhparent = to_regclass('usage.' || parent)
            and c.relname ~ ('^' || parent || '_y[0-9]{4}m[0-9]{2}$')
            and to_char(before at time zone 'UTC', '"y"YYYY"m"MM') > right(c.relname, 8)
        order by c.relname
    loop
        execute format('drop table usage.%I', month);
        dropped := dropped + 1;
    end loop;
    return dropped;
end
$$;

revoke all on function
    month_floor_id(timestamptz), fence_part(text), make_months(timestamptz, integer), drop_months(text, timestamptz)
    from public;
grant execute on function make_months(timestamptz, integer), drop_months(text, timestamptz) to perpetuo_app;

do $$
begin
    perform set_config('perpetuo.system', 'migrate', true);
    perform fence_part('ledger_default'), fence_part('request_logs_default');
    perform make_months(now(), 3);
    perform set_config('perpetuo.system', '', true);
end
$$;

-- What workspaces asked to have written, and how far it is. A row outlives its bytes.
-- tenant: exports
create table exports (
    workspace_id uuid not null,
    id uuid not null,
    schedule_id uuid,
    kind text not null,
    format text not null,
    status text not null check (status in ('queued', 'running', 'done', 'failed', 'expired')),
    period_from timestamptz not null,
    period_to timestamptz not null,
    created_by text not null,
    created_at timestamptz not null,
    -- Not written before this time.
    due_at timestamptz not null,
    -- How often somebody has begun to write it, and until when the last of them may be silent.
    tries bigint not null,
    failures bigint not null,
    writer_until timestamptz not null,
    row_count bigint not null,
    byte_count bigint not null,
    error text not null,
    finished_at timestamptz,
    expires_at timestamptz,
    primary key (workspace_id, id)
);
create index exports_open on exports (due_at) where status in ('queued', 'running');
create index exports_kept on exports (expires_at) where status = 'done';

-- The bytes of exports, where processes share no disk. Each try writes its own.
-- tenant: export_chunks
create table export_chunks (
    workspace_id uuid not null,
    export_id uuid not null,
    try bigint not null,
    number bigint not null,
    bytes bytea not null,
    primary key (workspace_id, export_id, try, number)
);

-- Exports that are made again and again.
-- tenant: export_schedules
create table export_schedules (
    workspace_id uuid not null,
    id uuid not null,
    kind text not null,
    format text not null,
    cron text not null,
    time_zone text not null,
    destination text not null,
    created_by text not null,
    created_at timestamptz not null,
    next_run_at timestamptz not null,
    last_run_at timestamptz,
    -- What was before is in exports that were made.
    covered_until timestamptz not null,
    failures bigint not null,
    paused boolean not null,
    error text not null,
    primary key (workspace_id, id)
);
create index export_schedules_next on export_schedules (next_run_at);

-- A row to hold on to while the exports and schedules of a workspace are counted.
-- tenant: export_gates
create table export_gates (
    workspace_id uuid primary key
);

-- include: replay
