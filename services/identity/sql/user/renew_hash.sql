-- Only over the hash that was verified: a password changed meanwhile stays changed.
update users
set password_hash = $3
where id = $1 and password_hash = $2
