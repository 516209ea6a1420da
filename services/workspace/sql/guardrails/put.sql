insert into guardrails (workspace_id, settings, updated_at)
values ($1, $2, $3)
on conflict (workspace_id) do update set settings = excluded.settings, updated_at = excluded.updated_at
