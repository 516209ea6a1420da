-- Until when usage is charged: what credits pay for is counted from then on. Null where a release before this one has written down what
-- was charged instead.
alter table balances add column charged_to integer;
