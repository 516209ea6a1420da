-- Nothing may refer to them any more until the transaction ends, nor be written beside it.
select id from users where id = $1 for update
