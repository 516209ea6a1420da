-- Its step has ended: nobody asks again.
update calls set body = null where execution_id = $1 and step = $2 and body is not null
