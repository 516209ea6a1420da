-- tenant: domains
-- tenant: sso_connections
-- tenant: sso_identities

-- Domains that workspaces say are their own. Any number may say so; one has proved it.
create table domains (
    workspace_id blob not null,
    -- as name servers write it: in lower case, xn--… for other letters
    domain text not null,
    -- what its TXT record has to say; no secret
    token text not null,
    created_at integer not null,
    verified_at integer,
    -- when name servers were last asked
    checked_at integer,
    -- since when they do not have the record of one that is verified
    missing_since integer,
    primary key (workspace_id, domain)
);
create unique index domains_owner on domains (domain) where verified_at is not null;
create index domains_due on domains (checked_at) where verified_at is not null;

-- The provider by which the people of a workspace sign in.
create table sso_connections (
    -- another one for another issuer or client: what began with the one before does not end with this
    id blob primary key,
    workspace_id blob not null unique,
    issuer text not null,
    client_id text not null,
    -- sealed; null: the provider asks for none
    client_secret blob,
    -- whether people of the workspace's domains sign in by it and by nothing else
    enforced boolean not null,
    -- what whoever comes by it becomes; the name of a role
    default_role text not null,
    -- whether whoever comes by it becomes a member
    provision boolean not null,
    created_at integer not null,
    updated_at integer not null
);

-- Whom a connection has let in.
create table sso_identities (
    workspace_id blob not null,
    connection_id blob not null references sso_connections (id),
    subject text not null,
    user_id blob not null references users (id),
    -- the address that the provider last told
    email text not null,
    created_at integer not null,
    last_used_at integer not null,
    primary key (connection_id, subject)
);
create index sso_identities_user on sso_identities (user_id);

-- By which connection the session began; null: otherwise.
alter table sessions add column sso_connection_id blob;
create index sessions_sso on sessions (sso_connection_id) where sso_connection_id is not null;
