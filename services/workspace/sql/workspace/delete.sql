-- One that has executions waits until the engine has nothing left of them.
delete from workspaces
where workspace_id = $1 and purge_at <= $2
    and not exists (select 1 from executions e where e.workspace_id = $1)
