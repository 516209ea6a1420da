-- Until when a webhook that fails is left in peace; null: it is not. What claimed_until says is now one process's claim alone, so that
-- whoever mends a webhook ends its rest and not the claim of a process that is sending.
alter table webhooks add column rests_until integer;
