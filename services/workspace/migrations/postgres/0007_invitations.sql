-- Invitations to workspaces, by e-mail.
--
-- tenant: invitations

create table invitations (
    invitation_id uuid primary key,
    workspace_id uuid not null references workspaces (workspace_id),
    -- In the form in which accounts keep theirs.
    email text not null,
    role text not null,
    -- Of the letter.
    locale text not null,
    -- As the trail names them.
    invited_by text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    -- How many letters were asked for. Each has a link of its own, and only the newest works.
    generation bigint not null,
    -- SHA-256 of what the newest link holds. That itself is nowhere: it is derived from the master key when the letter is
    -- written.
    token_sha256 bytea not null unique,
    accepted_at timestamptz,
    revoked_at timestamptz,
    -- When the newest letter was asked for, how often it was tried, when it is tried next (null: it has left, or was given
    -- up), and when it left.
    asked_at timestamptz not null,
    attempts bigint not null,
    next_at timestamptz,
    sent_at timestamptz
);
create index invitations_listed on invitations (workspace_id, invitation_id);
create index invitations_next on invitations (next_at);
-- Nobody is invited twice at the same time.
create unique index invitations_open on invitations (workspace_id, email)
where accepted_at is null and revoked_at is null;
