-- Money: what is owed, what was paid, and a ledger in which every transfer has two sides.
--
-- global: invoice_numbers, notifications
-- tenant: customers, invoices, ledger_transactions, ledger_transfers, credit_grants, payments, refunds

-- Who pays for a workspace. Its row is also what money of this workspace is changed under: one at a time.
create table customers (
    workspace_id uuid primary key,
    -- What invoices say of them, as JSON; empty until somebody has written it down.
    details jsonb not null,
    updated_at timestamptz not null
);

-- How far each series of numbers has come. A number is taken in the transaction that closes its invoice, so none is left out.
create table invoice_numbers (
    series text primary key,
    next bigint not null
);

create table invoices (
    workspace_id uuid not null,
    invoice_id uuid not null,
    -- What it was made for, such as a period of a subscription: made once.
    source text not null,
    subscription_id uuid,
    -- Null until it is closed.
    number text unique,
    -- `draft`, `open`, `paid` or `void`.
    status text not null,
    billing_reason text not null,
    currency text not null,
    -- The lines, as JSON; null in the place of what the document has once it is closed.
    draft jsonb,
    -- What was closed, and its SHA-256. These bytes never change.
    document text,
    digest text,
    total bigint,
    -- What comes into force when it is paid, as JSON.
    change jsonb,
    -- Which usage it charges, and since it is closed what that cost, as JSON; and where that time ends.
    usage jsonb,
    usage_to timestamptz,
    -- When a draft is closed.
    finalize_at timestamptz,
    due_at timestamptz not null,
    -- When it is void if nobody has paid it.
    expires_at timestamptz,
    created_at timestamptz not null,
    finalized_at timestamptz,
    paid_at timestamptz,
    voided_at timestamptz,
    primary key (workspace_id, invoice_id),
    unique (workspace_id, source)
);
create index invoices_newest on invoices (workspace_id, created_at);
create index invoices_drafts on invoices (finalize_at) where status = 'draft';
create index invoices_expiring on invoices (expires_at) where status = 'open';

-- What has happened to money, once per source: the same payment, told twice, is one.
create table ledger_transactions (
    workspace_id uuid not null,
    transaction_id uuid not null,
    source text not null,
    kind text not null,
    invoice_id uuid,
    -- Who, and why.
    note text not null,
    at timestamptz not null,
    primary key (workspace_id, transaction_id),
    unique (workspace_id, source)
);
create index ledger_transactions_source on ledger_transactions (source);
create index ledger_transactions_newest on ledger_transactions (workspace_id, at);

-- From one account to another: what is taken is what is given, so every transaction sums to zero.
create table ledger_transfers (
    workspace_id uuid not null,
    transaction_id uuid not null,
    n bigint not null,
    debit text not null,
    credit text not null,
    currency text not null,
    amount bigint not null check (amount > 0),
    invoice_id uuid,
    primary key (workspace_id, transaction_id, n),
    check (debit <> credit)
);
create index ledger_transfers_invoice on ledger_transfers (workspace_id, invoice_id);

-- Prepaid or given credits. How much is left of one is what the ledger says of its account.
create table credit_grants (
    workspace_id uuid not null,
    grant_id uuid not null,
    -- `paid` or `promotional`
    category text not null,
    currency text not null,
    amount bigint not null,
    note text not null,
    invoice_id uuid,
    created_at timestamptz not null,
    expires_at timestamptz,
    -- It has expired, and what was left of it is gone.
    is_over boolean not null,
    primary key (workspace_id, grant_id)
);
create index credit_grants_expiring on credit_grants (expires_at) where not is_over;

-- Ways of paying an invoice that were opened with a provider.
create table payments (
    workspace_id uuid not null,
    payment_id uuid not null,
    invoice_id uuid not null,
    provider text not null,
    method text not null,
    currency text not null,
    amount bigint not null,
    -- `new` (the provider may not know of it), `open`, `paid` or `gone`
    status text not null,
    -- The provider's name for it.
    reference text,
    -- What the payer needs, as JSON.
    instructions jsonb not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    -- When the provider is asked next what has become of it; null: no more.
    look_at timestamptz,
    primary key (workspace_id, payment_id)
);
create unique index payments_reference on payments (provider, reference);
create index payments_invoice on payments (workspace_id, invoice_id);
create index payments_due on payments (look_at);

-- What providers were asked to give back, written down before they are asked: the same request again is the same refund.
create table refunds (
    workspace_id uuid not null,
    source text not null,
    -- The name that the provider knows it by.
    refund_id text not null,
    invoice_id uuid not null,
    payment_id uuid not null,
    -- The provider's name for the money.
    received text not null,
    amount bigint not null,
    created_at timestamptz not null,
    primary key (workspace_id, source)
);

-- What providers of payments have told by themselves, kept before it is looked at.
create table notifications (
    provider text not null,
    -- What tells it from others: the provider's id of an event, or the SHA-256 of what came.
    notification_id text not null,
    channel text not null,
    body bytea not null,
    received_at timestamptz not null,
    -- When it is looked at next; null: it was, or it was given up.
    look_at timestamptz,
    tries bigint not null,
    primary key (provider, notification_id)
);
create index notifications_due on notifications (look_at);
create index notifications_old on notifications (received_at);

alter table subscriptions add column collection_method text not null default 'external';
-- Trials that their owners began, for which nobody has agreed to pay.
update subscriptions set collection_method = 'send_invoice' where status = 'trialing' and cancel_at_period_end;
-- When the oldest open invoice of it is late.
alter table subscriptions add column payment_due_at timestamptz;
-- What comes into force when its invoice is paid.
alter table subscriptions add column pending jsonb;

-- What is in the ledger stays as it is, whatever a statement says; and so does what was closed of an invoice.
create function ledger_is_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'the ledger is not changed or deleted: post another transaction';
end
$$;
create trigger ledger_transactions_kept before update or delete on ledger_transactions for each row
execute function ledger_is_append_only();
create trigger ledger_transfers_kept before update or delete on ledger_transfers for each row
execute function ledger_is_append_only();
create function invoices_stay_closed() returns trigger language plpgsql as $$
begin
    raise exception 'what was closed of an invoice is not changed';
end
$$;
create trigger invoices_closed before update on invoices for each row
when (old.document is not null and (new.document is distinct from old.document or new.digest is distinct from old.digest
    or new.number is distinct from old.number or new.total is distinct from old.total or new.currency <> old.currency))
execute function invoices_stay_closed();
create trigger invoices_kept before delete on invoices for each row
when (old.document is not null) execute function invoices_stay_closed();
