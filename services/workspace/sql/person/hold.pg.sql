-- Nobody erases them before the transaction ends.
select email from people where user_id = $1 for share
