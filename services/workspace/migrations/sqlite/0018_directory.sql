-- tenant: directory_members

-- How far what the directory of a workspace says of somebody was done. It stays when the membership ends: what comes late of an
-- earlier version changes nothing.
create table directory_members (
    workspace_id blob not null references workspaces (workspace_id),
    user_id blob not null,
    version integer not null,
    -- of the membership that this version has ended; empty: none
    role text not null,
    primary key (workspace_id, user_id)
);
create index directory_members_of_user on directory_members (user_id);
