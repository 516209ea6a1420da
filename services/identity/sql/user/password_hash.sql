select password_hash
from users
where id = $1 and disabled_at is null
