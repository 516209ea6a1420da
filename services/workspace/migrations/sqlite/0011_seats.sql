-- How many members a workspace may have, as billing says.
--
-- global: plan_limits

-- What the newest version of each plan allows.
create table plan_limits (
    plan text primary key,
    -- The place in billing's feed of the event that said so.
    position integer not null,
    -- Null: any number.
    team_members integer,
    -- The number is for one of the plan, and a workspace may have several.
    is_scaled boolean not null
);

-- How many of its plan a workspace has.
alter table workspaces add column plan_quantity integer not null default 1;
