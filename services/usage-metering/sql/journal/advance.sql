insert into journal_position (id, position)
values (1, $1)
on conflict (id) do update set position = excluded.position
