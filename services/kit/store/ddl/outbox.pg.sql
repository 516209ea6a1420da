create table outbox (
    position bigint generated always as identity primary key,
    id uuid not null unique,
    kind text not null,
    workspace_id uuid,
    subject text not null,
    actor text not null,
    at timestamptz not null,
    request_id text not null,
    payload text not null
);
