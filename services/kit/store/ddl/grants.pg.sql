grant usage on schema {schema} to perpetuo_app;
grant select, insert, update, delete on all tables in schema {schema} to perpetuo_app;
grant usage, select on all sequences in schema {schema} to perpetuo_app;
revoke insert, update, delete on schema_migrations from perpetuo_app;
-- What is in a partition is reached by the table that it is a part of.
do $$
declare
    part regclass;
begin
    for part in select oid from pg_class where relnamespace = '{schema}'::regnamespace and relispartition and relkind = 'r'
    loop
        execute format('revoke all on %s from perpetuo_app', part);
    end loop;
end
$$;
