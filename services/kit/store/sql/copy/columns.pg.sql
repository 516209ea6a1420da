-- Every table of a schema with its columns in order; partitions are parts of a table.
select
    c.relname::text as tab,
    a.attname::text as col,
    format_type(a.atttypid, null)::text as kind,
    a.attidentity <> '' as counted,
    -- Its place in the primary key, from 1.
    coalesce((
        select k.n
        from pg_index i, unnest(i.indkey) with ordinality as k (attnum, n)
        where i.indrelid = c.oid and i.indisprimary and k.attnum = a.attnum
    ), 0)::bigint as place
from pg_class c
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where c.relnamespace = $1::regnamespace
    and c.relkind in ('r', 'p')
    and not c.relispartition
    and c.relname <> 'schema_migrations'
order by c.relname, a.attnum
