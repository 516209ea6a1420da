-- How many workspaces somebody on a plan may own, as billing says.

-- Null: any number.
alter table plan_limits add column workspaces integer;
-- The place in billing's feed of the event that said so. A release before this one moves `position` alone: whoever keeps more then
-- reads what was said again.
alter table plan_limits add column workspaces_position integer;

-- What operators did stays as it is, whatever a statement says.
create trigger platform_audit_append_only before update on platform_audit for each row
begin
    select raise(abort, 'entries of this trail are not changed or deleted');
end;
create trigger platform_audit_kept before delete on platform_audit for each row
begin
    select raise(abort, 'entries of this trail are not changed or deleted');
end;
