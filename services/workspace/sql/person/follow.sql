-- Two replicas may apply the same feed at different speeds: the later event wins, not the later writer.
-- Who was erased stays so, whatever a process of the release before publishes late.
insert into people (user_id, email, name, position) values ($1, $2, $3, $4)
on conflict (user_id) do update
set email = excluded.email, name = excluded.name, position = excluded.position
where people.position < excluded.position and people.email <> ''
