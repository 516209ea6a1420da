-- SQLite has no partitions.
select 0 where $1 is null
