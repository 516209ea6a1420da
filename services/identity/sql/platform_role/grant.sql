insert into platform_roles (user_id, role, granted_at, granted_by)
values ($1, $2, $3, $4)
on conflict (user_id) do update set role = excluded.role, granted_at = excluded.granted_at, granted_by = excluded.granted_by
