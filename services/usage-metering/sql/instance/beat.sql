insert into instances (id, seen_at)
values ($1, $2)
on conflict (id) do update set seen_at = excluded.seen_at
