-- The role in which every transaction works. It owns nothing and cannot pass row-level security. Roles belong to the
-- whole server, so two databases may be migrated at once; creating it twice is no failure.
do $$
begin
    if not exists (select from pg_roles where rolname = 'perpetuo_app') then
        create role perpetuo_app nologin nosuperuser nobypassrls nocreatedb nocreaterole;
    end if;
exception
    when duplicate_object or unique_violation then null;
end
$$;
