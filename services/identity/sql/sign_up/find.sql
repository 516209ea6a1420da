select email, password_hash, name, locale, workspace_name
from sign_ups
where id = $1
