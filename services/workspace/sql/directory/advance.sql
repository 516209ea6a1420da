-- Changes nothing where a later version was done: whoever says this was overtaken.
insert into directory_members (workspace_id, user_id, version) values ($1, $2, $3)
on conflict (workspace_id, user_id) do update
set version = excluded.version
where directory_members.version < excluded.version
