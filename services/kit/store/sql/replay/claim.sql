-- Of two at once the second waits here until the first has committed or given up. An answer that is too old to be given
-- again makes room for a new one.
insert into replays (principal, operation, key_sha256, answer, created_at)
values ($1, $2, $3, $4, $5)
on conflict (principal, operation, key_sha256) do update
set answer = excluded.answer, created_at = excluded.created_at
where replays.created_at < $6
