-- Holds the workspace's row until the end of the transaction: who counts resources at the same time waits.
insert into resource_gates (workspace_id)
values ($1)
on conflict (workspace_id) do update set workspace_id = excluded.workspace_id
