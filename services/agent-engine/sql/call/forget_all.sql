-- The execution has ended.
update calls set body = null where execution_id = $1 and body is not null
