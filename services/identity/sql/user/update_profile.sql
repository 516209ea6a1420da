update users
set name = $2, locale = $3
where id = $1
