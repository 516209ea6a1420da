update users
set password_hash = $2, has_password = $3
where id = $1
