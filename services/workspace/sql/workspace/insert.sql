-- An id that is taken inserts nothing: provisioning is repeated until it is known to have happened.
insert into workspaces (workspace_id, created_by, name, plan, currency, time_zone, locale, created_at, updated_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $8)
on conflict (workspace_id) do nothing
