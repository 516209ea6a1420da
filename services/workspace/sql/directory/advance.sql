-- Changes nothing where a later version was done: whoever says this was overtaken.
insert into directory_members (workspace_id, user_id, version, role) values ($1, $2, $3, $4)
on conflict (workspace_id, user_id) do update
set version = excluded.version, role = excluded.role
where directory_members.version < excluded.version
