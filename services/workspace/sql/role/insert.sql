-- A name that is taken inserts nothing.
insert into roles (role_id, workspace_id, name, description, permissions, created_at, updated_at)
values ($1, $2, $3, $4, $5, $6, $6)
on conflict do nothing
