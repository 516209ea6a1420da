-- Says until when a process may admit from what it holds, and whether it has done so; only in the epoch that still holds.
insert into counter_leases (id, epoch, until, used)
select $1, epoch, $3, $4
from counter_epoch
where id = 1
    and epoch = $2
on conflict (id) do update set until = excluded.until, used = excluded.used
