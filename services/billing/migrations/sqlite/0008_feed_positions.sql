-- How far each followed feed has been applied.
--
-- global: feed_positions

create table feed_positions (
    source text primary key,
    position integer not null
);
