-- The same letter goes to the same address once in a minute, whoever asks for it how often.
insert into mails (id, kind, recipient, user_id, sign_up_id, facts, slot, attempts, next_at, expires_at)
values ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9)
on conflict (kind, recipient, slot) do nothing
