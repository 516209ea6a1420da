-- The row stays without a name: the later event wins, and this is the last one.
insert into people (user_id, email, name, position) values ($1, '', '', $2)
on conflict (user_id) do update
set email = '', name = '', position = excluded.position
where people.position <= excluded.position
