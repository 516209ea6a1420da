-- Two replicas may apply the same feed at different speeds: the later event wins, not the later writer.
insert into published_plans (name, position, entitlements, updated_at) values ($1, $2, $3, $4)
on conflict (name) do update
set position = excluded.position, entitlements = excluded.entitlements, updated_at = excluded.updated_at
where published_plans.position < excluded.position
