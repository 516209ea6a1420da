-- What rounds go by: what they find, and what has to wait because it failed.

-- When usage-metering is told again of credits that it could not be told of; null: nothing has failed.
alter table customers add column credits_try_at timestamptz;

-- Whether customers with credits were told what those pay for with this version: how it charges what is used may be new.
alter table plans add column credits_told boolean not null default false;

-- What is left of credits is folded of the transfers of each.
create index ledger_transfers_debit on ledger_transfers (workspace_id, debit);
create index ledger_transfers_credit on ledger_transfers (workspace_id, credit);
