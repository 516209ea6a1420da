-- What grants that were swept had reserved of quotas, so that a late settlement reaches those at once.
-- tenant: swept_grants
create table swept_grants (
    workspace_id uuid not null,
    request_id uuid not null,
    attempt bigint not null,
    -- As in `open_grants`, quotas alone.
    reserved text not null,
    swept_at timestamptz not null,
    primary key (workspace_id, request_id, attempt)
);
create index swept_grants_swept_at on swept_grants (swept_at);
