-- OpenAI's responses that their clients may come back to, until they are deleted or their days are over.
--
-- tenant: responses

create table responses (
    workspace_id blob not null references workspaces (workspace_id),
    -- As its client knows it.
    response_id text not null,
    -- What it continues. No foreign key: each is deleted by itself, and one that continues it is then a fragment.
    previous_response_id text,
    -- Who made it, whether that provider is there still or not.
    provider_id text not null,
    created_at integer not null,
    -- From then on it is not there.
    until integer not null,
    -- Of what is sealed, in bytes.
    size integer not null,
    -- What was asked and answered, sealed with the workspace's data key: deleting that erases it.
    sealed blob not null,
    primary key (workspace_id, response_id)
);
create index responses_until on responses (until);
-- The sweep of what is too much reads nothing but this.
create index responses_newest on responses (workspace_id, created_at, response_id, size);
