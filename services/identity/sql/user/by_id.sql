select id, email, name, locale, created_at, disabled_at
from users
where id = $1
