-- global: published_plans

-- What billing published last of each plan: it counts instead of what the configuration says.
create table published_plans (
    name text primary key,
    -- Of the event in billing's feed.
    position integer not null,
    -- A JSON object, as `proto::entitlement` writes it.
    entitlements text not null,
    updated_at integer not null
);
