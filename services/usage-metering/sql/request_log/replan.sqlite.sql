-- SQLite is told by which index each value is found.
select 1 as mode
