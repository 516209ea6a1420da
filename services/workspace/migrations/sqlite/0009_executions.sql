-- Executions of the agent engine: whose they are, and what pays for their model calls. What comes out of them is the engine's.
--
-- tenant: executions

create table executions (
    execution_id blob primary key,
    workspace_id blob not null references workspaces (workspace_id),
    -- Rises with time, as ids that the edge chooses do not: lists are in its order.
    entry_id blob not null,
    -- Who began it: `usr_…` or `key_…`.
    created_by text not null,
    -- In which session, of people.
    session_id blob,
    -- `quick`, `standard` or `deep`.
    depth text not null,
    -- Of what its client asked for.
    request_sha256 blob not null,
    -- Of the token that pays.
    token_sha256 blob not null unique,
    -- Title and token, sealed with the workspace's data key: deleting that erases them.
    sealed_title blob not null,
    sealed_token blob not null,
    created_at integer not null,
    -- Null: it is open, and its token pays.
    closed_at integer,
    -- `completed`, `failed` or `cancelled`; empty while it is open.
    outcome text not null
);
create unique index executions_listed on executions (workspace_id, entry_id);
-- How many are open, and which ones have to be looked after.
create index executions_open on executions (workspace_id, entry_id) where closed_at is null;
create index executions_oldest on executions (entry_id) where closed_at is null;
