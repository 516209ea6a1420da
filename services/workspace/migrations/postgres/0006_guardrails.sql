-- What workspaces let pass: one document each, replaced as a whole. A workspace without a row lets everything pass.
--
-- tenant: guardrails

create table guardrails (
    workspace_id uuid primary key references workspaces (workspace_id),
    -- `perpetuo.guardrails.v1.Settings` as JSON.
    settings text not null,
    updated_at timestamptz not null
);

-- How often the workspace had its answers erased: the key that seals those which gateways keep depends on it, so that none
-- from before can be opened.
alter table data_keys add column answers_era bigint not null default 0;
