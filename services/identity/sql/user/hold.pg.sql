-- They are not erased before the transaction ends.
select id from users where id = $1 for key share
