-- Of several who end links at once each sees what the one before has left.
update users
set has_password = has_password
where id = $1
