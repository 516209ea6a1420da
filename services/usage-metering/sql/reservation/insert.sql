insert into usage_reservations (workspace_id, source, id, resource, quantity, at, expires_at)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (workspace_id, source, id) do update set expires_at = excluded.expires_at
