-- Only of the address to which the link went.
update users
set email_verified_at = $3
where id = $1 and email = $2 and email_verified_at is null
