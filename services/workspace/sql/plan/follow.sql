-- What an event further on has said stays; the same event may say more to a release that keeps more of it.
insert into plan_limits (plan, position, team_members, is_scaled, workspaces, revision) values ($1, $2, $3, $4, $5, 2)
on conflict (plan) do update set position = excluded.position, team_members = excluded.team_members,
    is_scaled = excluded.is_scaled, workspaces = excluded.workspaces, revision = excluded.revision
where plan_limits.position < excluded.position
    or (plan_limits.position = excluded.position and plan_limits.revision < excluded.revision)
