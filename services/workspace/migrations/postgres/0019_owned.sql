-- How many workspaces somebody on a plan may own, as billing says.

-- Null: any number.
alter table plan_limits add column workspaces bigint;
-- What was kept of the plan: 1 is how many members, 2 also how many workspaces. Whoever keeps more reads what was said again.
alter table plan_limits add column revision bigint not null default 1;

-- What operators did stays as it is, whatever a statement says.
create function platform_audit_is_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'entries of this trail are not changed or deleted';
end
$$;
create trigger platform_audit_kept before update or delete on platform_audit for each row
execute function platform_audit_is_append_only();
