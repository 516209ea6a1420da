-- What providers of payments know of a workspace, and what they say of money that somebody wants back.
--
-- tenant: provider_customers, disputes

-- A workspace's account at a provider: made once, and nobody else's.
create table provider_customers (
    workspace_id blob not null,
    provider text not null,
    -- The provider's name for it.
    customer text not null,
    created_at integer not null,
    primary key (workspace_id, provider)
);
create unique index provider_customers_customer on provider_customers (provider, customer);

-- A customer has told their bank that they did not pay. What of the money is where, the ledger says.
create table disputes (
    workspace_id blob not null,
    dispute_id blob not null,
    provider text not null,
    -- The provider's name for it.
    reference text not null,
    invoice_id blob not null,
    payment_id blob not null,
    -- The provider's name for the money.
    received text not null,
    currency text not null,
    amount integer not null,
    -- `inquiry`, `needs_response`, `under_review`, `won` or `lost`.
    status text not null,
    -- As the provider calls it.
    reason text not null,
    -- Until when the provider takes what speaks against it.
    respond_by integer,
    opened_at integer not null,
    -- When the provider was asked that said so: an older answer changes nothing.
    asked_at integer not null,
    primary key (workspace_id, dispute_id)
);
create unique index disputes_reference on disputes (provider, reference);
create index disputes_status on disputes (status);
create index disputes_payment on disputes (workspace_id, payment_id);
