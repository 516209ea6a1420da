-- Roles that a workspace makes for itself, beside the four that every one has.
--
-- tenant: roles

create table roles (
    role_id uuid primary key,
    workspace_id uuid not null references workspaces (workspace_id),
    -- What `members` and `invitations` hold. None of the four.
    name text not null,
    description text not null,
    -- A JSON array of names. What a release does not know it leaves out.
    permissions text not null,
    created_at timestamptz not null,
    updated_at timestamptz not null
);
create unique index roles_named on roles (workspace_id, name);
