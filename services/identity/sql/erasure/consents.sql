-- That they agreed can still be shown; from where is nobody's business any more.
update consents set address = null where user_id = $1
