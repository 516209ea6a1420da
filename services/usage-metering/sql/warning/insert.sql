-- Once per counter and threshold: whoever inserts the row tells.
insert into warnings (workspace_id, counter, threshold, at)
values ($1, $2, $3, $4)
on conflict do nothing
