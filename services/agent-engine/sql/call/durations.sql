-- How long the last answers of a model took.
select c.duration_ms from calls c join executions e on e.id = c.execution_id
where c.state = 'answered' and e.model = $1
order by c.started_at desc
limit 100
