-- tenant: balances

-- What is left of a workspace's credits, as billing said last.
create table balances (
    workspace_id uuid primary key,
    -- Of the event in billing's feed.
    position bigint not null,
    currency text not null,
    -- What they pay for, in 10⁻⁹ of the currency.
    allowance_nanos bigint not null,
    -- What was used and charged before: what is used beyond it is paid for by them.
    charged_nanos bigint not null,
    updated_at timestamptz not null
);
