-- global: platform_roles
-- global: platform_audit

-- Who operates the platform. Nobody is here who was not named on the host, or by somebody who was.
create table platform_roles (
    user_id uuid primary key references users (id),
    -- `admin` or `developer`
    role text not null,
    granted_at timestamptz not null,
    -- as an actor is named: `operator:<login>@host`, `usr_…`
    granted_by text not null
);

-- What was done to the platform as a whole, for ever: rows are added, never changed. What happens in a workspace is in
-- that workspace's own trail.
create table platform_audit (
    id uuid primary key,
    at timestamptz not null,
    actor text not null,
    action text not null,
    -- the id of what it was done to
    subject text not null,
    -- empty for what was done on the host
    request_id text not null,
    facts jsonb not null
);
