-- What customers and operators agree on beside a plan: discounts, and how many of a plan there are.
--
-- global: coupons, coupon_versions, promotion_codes, redemption_gate
-- tenant: redemptions, invoice_items

-- What may be taken off. How often and until when is what its newest version says.
create table coupons (
    coupon_id text primary key,
    version integer not null,
    -- By how many workspaces it can be redeemed; null: any number.
    max_redemptions integer,
    redeem_by integer,
    -- What waits for its payment is among them.
    times_redeemed integer not null,
    created_at integer not null,
    updated_at integer not null
);

-- Every version that a coupon ever had: what was agreed on can always be read.
create table coupon_versions (
    coupon_id text not null,
    version integer not null,
    -- SHA-256 of what it says.
    digest text not null,
    data text not null,
    created_at integer not null,
    primary key (coupon_id, version)
);

-- With what customers redeem it.
create table promotion_codes (
    promotion_code_id blob primary key,
    -- In capital letters.
    code text not null unique,
    coupon_id text not null,
    is_active boolean not null,
    max_redemptions integer,
    expires_at integer,
    times_redeemed integer not null,
    created_at integer not null
);

-- Whoever redeems, or gives back what was not paid for, passes here one after the other, whatever they redeem: so nobody waits
-- for a coupon that somebody holds who waits for theirs.
create table redemption_gate (
    gate integer primary key,
    entries integer not null
);

-- Who has redeemed what: a coupon once for each workspace.
create table redemptions (
    workspace_id blob not null,
    redemption_id blob not null,
    coupon_id text not null,
    coupon_version integer not null,
    promotion_code_id blob not null,
    -- That it waits for.
    invoice_id blob,
    -- `reserved` (its invoice is not paid yet), `redeemed`, or `released`: nobody paid, and it can be redeemed again.
    status text not null,
    created_at integer not null,
    updated_at integer not null,
    primary key (workspace_id, redemption_id)
);
create index redemptions_coupon on redemptions (workspace_id, coupon_id);
create index redemptions_invoice on redemptions (workspace_id, invoice_id);

-- How many of the plan; the price is for one.
alter table subscriptions add column quantity integer not null default 1;
-- Null where it stays as it is.
alter table subscriptions add column scheduled_quantity integer;
-- What is taken off its price, and what was taken off of the present period, as JSON.
alter table subscriptions add column discounts text;

-- In which form others have heard of a version: what an earlier release has told is told again, once.
alter table plans add column told integer not null default 0;

-- What operators have written down, to be charged with the next invoice for a period or with one of its own.
create table invoice_items (
    workspace_id blob not null,
    item_id blob not null,
    -- The request that it was written down by: the same again is the same item.
    source text not null,
    description text not null,
    currency text not null,
    quantity integer not null,
    -- Below 0: to the customer.
    unit_amount integer not null,
    -- The invoice that it is on; null while it waits for the next one.
    invoice_id blob,
    created_by text not null,
    created_at integer not null,
    primary key (workspace_id, item_id),
    unique (workspace_id, source)
);
create index invoice_items_waiting on invoice_items (workspace_id, currency) where invoice_id is null;

-- In which form usage-metering has heard of what is left of their credits.
alter table customers add column credits_told integer not null default 0;
create index customers_untold on customers (credits_told);
