-- global: users
-- global: sessions
-- global: signing_keys
-- global: provisioning
-- tenant: api_keys
-- include: outbox
-- include: replay

create table users (
    id blob primary key,
    -- trimmed and in lower case, so that plain uniqueness is uniqueness whatever the case
    email text not null unique,
    -- PHC string
    password_hash text not null,
    name text not null,
    locale text not null,
    created_at integer not null,
    disabled_at integer
);

create table sessions (
    id blob primary key,
    user_id blob not null references users (id),
    -- the workspace of routes that name none
    current_workspace_id blob,
    -- sealed: from it and the generation comes each refresh token of the family
    secret blob not null,
    -- the refresh token that works now; all before it are spent
    generation integer not null,
    -- when the one before it was spent
    rotated_at integer not null,
    created_at integer not null,
    last_used_at integer not null,
    expires_at integer not null,
    ended_at integer,
    end_reason text
);
create index sessions_live on sessions (user_id) where ended_at is null;
create index sessions_last_used on sessions (last_used_at);

create table signing_keys (
    kid text primary key,
    -- unique, so that of two processes that rotate at once one makes the key
    generation integer not null unique,
    public_key blob not null,
    -- sealed PKCS#8
    private_key blob not null,
    created_at integer not null,
    active_from integer not null,
    -- when the last token that it signed has expired; unknown while it is the newest
    retire_at integer
);

-- Sign-ups whose workspace does not exist yet. A row goes away when it does.
create table provisioning (
    user_id blob primary key references users (id),
    chosen_workspace_id blob not null,
    workspace_name text not null,
    next_at integer not null
);
create index provisioning_next on provisioning (next_at);

create table api_keys (
    id blob primary key,
    workspace_id blob not null,
    sha256 blob not null unique,
    prefix text not null,
    name text not null,
    -- array of names of permissions
    scopes text not null,
    -- a message `perpetuo.limits.v1.Limits` as JSON: null is unlimited, a period is 1 day, 2 month or 3 total
    limits text not null,
    created_by text not null,
    -- the person who made it, or who made the key that made it: as a member, they answer for what it uses
    user_id blob,
    created_at integer not null,
    expires_at integer,
    revoked_at integer,
    deleted_at integer,
    last_used_at integer
);
create index api_keys_listed on api_keys (workspace_id, id) where deleted_at is null;
