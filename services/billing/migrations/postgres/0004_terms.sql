-- What customers and operators agree on beside a plan: discounts, and how many of a plan there are.
--
-- global: coupons, coupon_versions, promotion_codes, redemption_gate
-- tenant: redemptions, invoice_items

-- What may be taken off. How often and until when is what its newest version says.
create table coupons (
    coupon_id text primary key,
    version bigint not null,
    -- By how many workspaces it can be redeemed; null: any number.
    max_redemptions bigint,
    redeem_by timestamptz,
    -- What waits for its payment is among them.
    times_redeemed bigint not null,
    created_at timestamptz not null,
    updated_at timestamptz not null
);

-- Every version that a coupon ever had: what was agreed on can always be read.
create table coupon_versions (
    coupon_id text not null,
    version bigint not null,
    -- SHA-256 of what it says.
    digest text not null,
    data jsonb not null,
    created_at timestamptz not null,
    primary key (coupon_id, version)
);

-- With what customers redeem it.
create table promotion_codes (
    promotion_code_id uuid primary key,
    -- In capital letters.
    code text not null unique,
    coupon_id text not null,
    is_active boolean not null,
    max_redemptions bigint,
    expires_at timestamptz,
    times_redeemed bigint not null,
    created_at timestamptz not null
);

-- Whoever redeems, or gives back what was not paid for, passes here one after the other, whatever they redeem: so nobody waits
-- for a coupon that somebody holds who waits for theirs.
create table redemption_gate (
    gate bigint primary key,
    entries bigint not null
);

-- Who has redeemed what: a coupon once for each workspace.
create table redemptions (
    workspace_id uuid not null,
    redemption_id uuid not null,
    coupon_id text not null,
    coupon_version bigint not null,
    promotion_code_id uuid not null,
    -- That it waits for.
    invoice_id uuid,
    -- `reserved` (its invoice is not paid yet), `redeemed`, or `released`: nobody paid, and it can be redeemed again.
    status text not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (workspace_id, redemption_id)
);
create index redemptions_coupon on redemptions (workspace_id, coupon_id);
create index redemptions_invoice on redemptions (workspace_id, invoice_id);

-- How many of the plan; the price is for one.
alter table subscriptions add column quantity bigint not null default 1;
-- Null where it stays as it is.
alter table subscriptions add column scheduled_quantity bigint;
-- What is taken off its price, and what was taken off of the present period, as JSON.
alter table subscriptions add column discounts jsonb;

-- In which form others have heard of a version: what an earlier release has told is told again, once.
alter table plans add column told bigint not null default 0;

-- What operators have written down, to be charged with the next invoice for a period or with one of its own.
create table invoice_items (
    workspace_id uuid not null,
    item_id uuid not null,
    -- The request that it was written down by: the same again is the same item.
    source text not null,
    description text not null,
    currency text not null,
    quantity bigint not null,
    -- Below 0: to the customer.
    unit_amount bigint not null,
    -- The invoice that it is on; null while it waits for the next one.
    invoice_id uuid,
    created_by text not null,
    created_at timestamptz not null,
    primary key (workspace_id, item_id),
    unique (workspace_id, source)
);
create index invoice_items_waiting on invoice_items (workspace_id, currency) where invoice_id is null;

-- In which form usage-metering has heard of what is left of their credits.
alter table customers add column credits_told bigint not null default 0;
create index customers_untold on customers (credits_told);
