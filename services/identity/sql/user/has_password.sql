select has_password
from users
where id = $1
