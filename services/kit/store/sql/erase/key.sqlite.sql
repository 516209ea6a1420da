-- The columns of a table's primary key.
select name as col from pragma_table_info($1) where pk > 0 order by pk
