-- The row is written by whoever comes first. It is also what others wait for while the epoch changes.
insert into counter_epoch (id, installation, epoch, lost_at)
values (1, $1, $2, 0)
on conflict do nothing
