-- For operators: those that wait for room, and those that are worked on.
select coalesce(sum(case when phase = 'queued' then 1 else 0 end), 0),
    coalesce(sum(case when phase in ('running', 'cancelling') then 1 else 0 end), 0)
from executions
where finished_at is null
