-- How long the last ones took, without the time in which they waited for somebody to work on them or to answer.
select started_at, finished_at from executions
where phase = 'completed' and depth = $1 and model = $2 and answers_due_at is null and idle_ms = 0
    and started_at is not null
order by finished_at desc
limit 100
