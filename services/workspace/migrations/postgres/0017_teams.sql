-- Teams inside workspaces, and who is in them.
--
-- tenant: teams
-- tenant: team_members

create table teams (
    team_id uuid primary key,
    workspace_id uuid not null references workspaces (workspace_id),
    name text not null,
    -- The name in lower case: `Research` and `research` must not be two teams.
    name_key text not null,
    description text not null,
    -- What its keys may use together: a message of `perpetuo.limits.v1` as JSON.
    limits jsonb not null,
    -- What a directory calls it.
    external_id text,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    unique (workspace_id, name_key),
    unique (workspace_id, external_id),
    -- What belongs to a team names its workspace as well.
    unique (workspace_id, team_id)
);

create table team_members (
    team_id uuid not null,
    workspace_id uuid not null references workspaces (workspace_id),
    user_id uuid not null,
    added_at timestamptz not null,
    primary key (team_id, user_id),
    foreign key (workspace_id, team_id) references teams (workspace_id, team_id) on delete cascade,
    -- However a membership ends, it ends in the teams as well.
    foreign key (workspace_id, user_id) references members (workspace_id, user_id) on delete cascade
);
create index team_members_of_member on team_members (workspace_id, user_id);
