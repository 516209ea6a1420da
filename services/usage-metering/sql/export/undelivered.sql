-- The delivery that waits longest: new ones, and those whose sender fell silent.
select *
from exports
where delivery = 'waiting' and status = 'done' and deliver_at <= $1
order by deliver_at
limit 1
