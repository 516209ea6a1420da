-- Counts $3 recipients on the day $2. No row: they would be more than $4 on that day.
insert into export_gates (workspace_id, mailed_on, mailed)
values ($1, $2, $3)
on conflict (workspace_id) do update set
    mailed = case when export_gates.mailed_on = excluded.mailed_on then export_gates.mailed else 0 end + excluded.mailed,
    mailed_on = excluded.mailed_on
where export_gates.mailed_on <> excluded.mailed_on or export_gates.mailed + excluded.mailed <= $4
