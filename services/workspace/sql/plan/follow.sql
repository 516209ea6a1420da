-- What an event further on has said stays.
insert into plan_limits (plan, position, team_members, is_scaled) values ($1, $2, $3, $4)
on conflict (plan) do update set position = excluded.position, team_members = excluded.team_members, is_scaled = excluded.is_scaled
where plan_limits.position < excluded.position
