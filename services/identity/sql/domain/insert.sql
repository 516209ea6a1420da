insert into domains (workspace_id, domain, token, created_at)
values ($1, $2, $3, $4)
on conflict (workspace_id, domain) do nothing
