-- Positions only rise: a slower process must not turn the feed back.
insert into feed_positions (source, position) values ($1, $2)
on conflict (source) do update set position = excluded.position
where feed_positions.position < excluded.position
