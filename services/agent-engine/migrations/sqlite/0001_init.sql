-- Executions. Nothing here says whose they are: no table has a workspace, and none a person.
--
-- global: executions, texts, steps, calls, events, reports, outcomes

create table executions (
    id blob primary key,
    -- Worth nothing without the engine's own identity as a peer; null once the execution has ended.
    budget_token text,
    -- The problem as it came in; what was found out about it is the output of a step. All JSON is kept as text: what models
    -- write may have characters that jsonb refuses.
    brief text not null,
    depth text not null,
    locale text not null,
    model text not null,
    -- What is done, frozen: a newer release does not change it.
    plan text not null,
    interactive boolean not null,
    -- `queued`, `running`, `awaiting_input`, `cancelling`, `completed`, `failed` or `cancelled`.
    phase text not null,
    stage text not null,
    -- In thousandths; never less than before.
    progress integer not null,
    -- Rises with each worker that takes it up; what an earlier one still writes is refused.
    epoch integer not null,
    lease_owner blob,
    lease_until integer,
    cancel_requested_at integer,
    -- It is erased as soon as it has stopped.
    is_doomed boolean not null,
    -- The number of the last event.
    last_event integer not null,
    input_tokens integer not null,
    output_tokens integer not null,
    replies integer not null,
    questions text,
    answers text,
    answers_due_at integer,
    quality text,
    error_code text,
    error_message text,
    headline text not null,
    report_hash text,
    estimated_seconds integer not null,
    estimated_seconds_p90 integer not null,
    created_at integer not null,
    started_at integer,
    finished_at integer
);
create index executions_claimable on executions (created_at) where finished_at is null;
-- For estimates.
create index executions_durations on executions (depth, model, finished_at) where phase = 'completed';

-- Prompts and schemas that plans refer to, by the SHA-256 of what they say.
create table texts (
    hash text primary key,
    body text not null
);

-- What has come out of each step, written once, together with its events.
create table steps (
    execution_id blob not null references executions (id) on delete cascade,
    key text not null,
    -- `done`, `failed` or `skipped`.
    state text not null,
    -- JSON.
    output text not null,
    -- Why it failed or was skipped.
    reason text,
    finished_at integer not null,
    primary key (execution_id, key)
);

-- Calls of models: written down before they are made, so that a crash neither forgets nor repeats one that was answered.
create table calls (
    execution_id blob not null references executions (id) on delete cascade,
    step text not null,
    attempt integer not null,
    -- `started`, `answered`, `failed` or `refused`.
    state text not null,
    -- Tokens that it may use at most.
    reserved integer not null,
    input_tokens integer not null,
    output_tokens integer not null,
    duration_ms integer not null,
    started_at integer not null,
    primary key (execution_id, step, attempt)
);

create table events (
    execution_id blob not null references executions (id) on delete cascade,
    -- From 1, without gaps.
    seq integer not null,
    type text not null,
    data text not null,
    at integer not null,
    primary key (execution_id, seq)
);

-- The report, byte for byte as its hash says.
create table reports (
    execution_id blob primary key references executions (id) on delete cascade,
    body text not null
);

-- What really happened.
create table outcomes (
    execution_id blob not null references executions (id) on delete cascade,
    metric text not null,
    -- Days after the beginning.
    day integer not null,
    -- Decimal.
    value text not null,
    recorded_at integer not null,
    primary key (execution_id, metric, day)
);
