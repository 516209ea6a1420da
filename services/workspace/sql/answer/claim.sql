-- Of two at once the second waits here until the first has the place, and then finds it taken.
insert into answers (workspace_id, key_sha256, holder, done, sealed, until)
values ($1, $2, $3, false, $4, $5)
on conflict (workspace_id, key_sha256) do update
set holder = excluded.holder, done = false, sealed = excluded.sealed, until = excluded.until
where answers.until <= $6
