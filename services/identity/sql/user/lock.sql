-- Of several who end links at once each sees what the one before has left.
update users
set name = name
where id = $1
