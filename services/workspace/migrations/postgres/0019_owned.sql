-- How many workspaces somebody on a plan may own, as billing says.

-- Null: any number.
alter table plan_limits add column workspaces bigint;
-- The place in billing's feed of the event that said so. A release before this one moves `position` alone: whoever keeps more then
-- reads what was said again.
alter table plan_limits add column workspaces_position bigint;

-- What operators did stays as it is, whatever a statement says.
create function platform_audit_is_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'entries of this trail are not changed or deleted';
end
$$;
create trigger platform_audit_kept before update or delete on platform_audit for each row
execute function platform_audit_is_append_only();
