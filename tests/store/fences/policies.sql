-- Each policy of a schema, with everything that makes a difference.
select
    c.relname::text,
    concat_ws(
        ' | ', p.polname, case when p.polpermissive then 'permissive' else 'restrictive' end, p.polcmd::text,
        -- 0 is everybody
        (select string_agg(r.oid::text, ',' order by r.oid) from unnest(p.polroles) as r(oid)),
        'using ' || coalesce(pg_get_expr(p.polqual, p.polrelid), '-'),
        'check ' || coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '-')
    )
from pg_policy p
join pg_class c on c.oid = p.polrelid
where c.relnamespace = $1::regnamespace
order by 1, 2
