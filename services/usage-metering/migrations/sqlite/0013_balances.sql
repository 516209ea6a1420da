-- tenant: balances

-- What is left of a workspace's credits, as billing said last.
create table balances (
    workspace_id blob primary key,
    -- Of the event in billing's feed.
    position integer not null,
    currency text not null,
    -- What they pay for, in 10⁻⁹ of the currency.
    allowance_nanos integer not null,
    -- What was used and charged before: what is used beyond it is paid for by them.
    charged_nanos integer not null,
    updated_at integer not null
);
