-- Whatever makes policies count for nothing.
select c.relname::text, 'row-level security is off'
from pg_class c
join pg_attribute a on a.attrelid = c.oid and a.attname = 'workspace_id' and not a.attisdropped
where c.relnamespace = $1::regnamespace and c.relkind in ('r', 'p') and not c.relrowsecurity
union all
select c.relname::text, 'its owner sees everything: row-level security is not forced'
from pg_class c
join pg_attribute a on a.attrelid = c.oid and a.attname = 'workspace_id' and not a.attisdropped
where c.relnamespace = $1::regnamespace and c.relkind in ('r', 'p') and not c.relforcerowsecurity
union all
select c.relname::text, 'belongs to the role that works, or to one that it is a member of'
from pg_class c
where c.relnamespace = $1::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
    -- a superuser is a member of everything, which is said below
    and not (select r.rolsuper from pg_roles r where r.rolname = $2)
    and pg_has_role($2::name, c.relowner, 'MEMBER')
union all
select c.relname::text, 'may be emptied by the role that works, past every policy'
from pg_class c
where c.relnamespace = $1::regnamespace and c.relkind in ('r', 'p')
    and not (select r.rolsuper from pg_roles r where r.rolname = $2)
    and has_table_privilege($2::name, c.oid, 'TRUNCATE')
union all
select r.rolname::text, 'passes row-level security: take SUPERUSER and BYPASSRLS from it'
from pg_roles r
where r.rolname = $2 and (r.rolsuper or r.rolbypassrls)
union all
select c.relname::text, 'a view shows what its owner sees'
from pg_class c
where c.relnamespace = $1::regnamespace and c.relkind in ('v', 'm', 'f')
union all
-- These two make and drop partitions, and answer how many.
select p.proname::text, 'a function that works as its owner'
from pg_proc p
where p.pronamespace = $1::regnamespace and p.prosecdef and p.proname not in ('make_months', 'drop_months')
