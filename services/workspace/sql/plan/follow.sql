-- What an event further on has said stays; the same event says more to this release than to the one before.
insert into plan_limits (plan, position, team_members, is_scaled, workspaces, workspaces_position) values ($1, $2, $3, $4, $5, $2)
on conflict (plan) do update set position = excluded.position, team_members = excluded.team_members,
    is_scaled = excluded.is_scaled, workspaces = excluded.workspaces, workspaces_position = excluded.workspaces_position
where plan_limits.position < excluded.position
    or (plan_limits.position = excluded.position and plan_limits.workspaces_position is distinct from excluded.position)
