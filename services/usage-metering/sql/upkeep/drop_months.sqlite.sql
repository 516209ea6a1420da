-- SQLite has no partitions.
select 0 as dropped where $1 is null and $2 is null
