-- How workspaces route: one document each, replaced as a whole. A workspace without a row routes by its providers alone.
--
-- tenant: routings

create table routings (
    workspace_id blob primary key references workspaces (workspace_id),
    -- `perpetuo.routing.v1.Settings` as JSON.
    settings text not null,
    updated_at integer not null
);
