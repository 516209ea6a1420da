-- The same letter goes to the same address once in a slot: the minute for what people ask for, one of its own (below zero) for what
-- tells of something that has happened.
insert into mails (id, kind, recipient, user_id, sign_up_id, facts, slot, attempts, next_at, expires_at)
values ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9)
on conflict (kind, recipient, slot) do nothing
