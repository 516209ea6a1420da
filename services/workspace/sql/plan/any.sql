-- Whether billing has said of plans what they allow, and this release has kept all of it.
select exists (select 1 from plan_limits)
    and not exists (select 1 from plan_limits where workspaces_position is distinct from position)
