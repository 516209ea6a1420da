-- Which table refers to which.
select c.relname::text as tab, r.relname::text as target
from pg_constraint k
join pg_class c on c.oid = k.conrelid
join pg_class r on r.oid = k.confrelid
where k.contype = 'f' and c.relnamespace = $1::regnamespace and not c.relispartition and c.oid <> r.oid
