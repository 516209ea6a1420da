-- Takes one of the $3 letters that the workspace may send on the day $2. No row: all are used.
insert into export_gates (workspace_id, mailed_on, mailed)
values ($1, $2, 1)
on conflict (workspace_id) do update
set
    mailed_on = excluded.mailed_on,
    mailed = case when export_gates.mailed_on = excluded.mailed_on then export_gates.mailed + 1 else 1 end
where export_gates.mailed_on <> excluded.mailed_on or export_gates.mailed < $3
