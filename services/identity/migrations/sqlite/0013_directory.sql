-- tenant: directory_users

-- What the directory of a workspace says of its people (SCIM 2.0). The account is the person's own, and stays whatever is said.
create table directory_users (
    workspace_id blob not null,
    user_id blob not null,
    -- the address, as users have it; empty in rows that are deleted
    user_name text not null,
    external_id text not null,
    display_name text not null,
    formatted_name text not null,
    given_name text not null,
    family_name text not null,
    -- array of {value, type, primary}
    emails text not null,
    active boolean not null,
    -- what the directory says; empty: nothing
    role text not null,
    -- what they were when the directory ended their membership; empty: nothing, or somebody else has ended it
    role_before text not null,
    -- whether the account was made for the directory
    made_account boolean not null,
    version integer not null,
    -- The membership is not yet what is said. What was said before, in case it cannot be; null: nothing was.
    pending boolean not null,
    undo text,
    -- what the caller of the change may do
    asked_scopes text not null,
    next_at integer not null,
    created_at integer not null,
    updated_at integer not null,
    -- The directory has them no more: nothing of what it said is left here.
    deleted_at integer,
    primary key (workspace_id, user_id)
);
create unique index directory_users_name on directory_users (workspace_id, user_name) where deleted_at is null;
create index directory_users_listed on directory_users (workspace_id, created_at, user_id) where deleted_at is null;
create index directory_users_external on directory_users (workspace_id, external_id) where deleted_at is null;
create index directory_users_pending on directory_users (next_at) where pending;
create index directory_users_of_user on directory_users (user_id);
