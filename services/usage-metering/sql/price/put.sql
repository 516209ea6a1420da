insert into price_overrides (workspace_id, document, changed_at)
values ($1, $2, $3)
on conflict (workspace_id) do update set document = excluded.document, changed_at = excluded.changed_at
