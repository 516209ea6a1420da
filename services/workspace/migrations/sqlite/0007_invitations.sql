-- Invitations to workspaces, by e-mail.
--
-- tenant: invitations

create table invitations (
    invitation_id blob primary key,
    workspace_id blob not null references workspaces (workspace_id),
    -- In the form in which accounts keep theirs.
    email text not null,
    role text not null,
    -- Of the letter.
    locale text not null,
    -- As the trail names them.
    invited_by text not null,
    created_at integer not null,
    expires_at integer not null,
    -- How many letters were asked for. Each has a link of its own, and only the newest works.
    generation integer not null,
    -- SHA-256 of what the newest link holds. That itself is nowhere: it is derived from the master key when the letter is
    -- written.
    token_sha256 blob not null unique,
    accepted_at integer,
    revoked_at integer,
    -- When the newest letter was asked for, how often it was tried, when it is tried next (null: it has left, or was given
    -- up), and when it left.
    asked_at integer not null,
    attempts integer not null,
    next_at integer,
    sent_at integer
);
create index invitations_listed on invitations (workspace_id, invitation_id);
create index invitations_next on invitations (next_at);
-- Nobody is invited twice at the same time.
create unique index invitations_open on invitations (workspace_id, email)
where accepted_at is null and revoked_at is null;
