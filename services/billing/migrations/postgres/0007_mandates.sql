-- What customers have allowed to be taken from their accounts.
--
-- tenant: mandates

-- That a customer has allowed once, at a provider, that each invoice of their subscription is taken from their account.
create table mandates (
    workspace_id uuid not null,
    mandate_id uuid not null,
    provider text not null,
    -- The provider's name for it; null until it has made it.
    reference text,
    -- `pending`, `active` or `ended`
    status text not null,
    currency text not null,
    billing_interval text not null,
    -- When the first invoice is due that it is for.
    first_at timestamptz not null,
    -- With what the payer allows it, as JSON.
    instructions jsonb not null,
    created_at timestamptz not null,
    -- When the provider is asked next what has become of it, and invoices are taken by it; null: no more.
    look_at timestamptz,
    primary key (workspace_id, mandate_id)
);
create unique index mandates_reference on mandates (provider, reference);
-- Of two who ask at once, both have the first.
create unique index mandates_live on mandates (workspace_id) where status <> 'ended';
create index mandates_due on mandates (look_at);
