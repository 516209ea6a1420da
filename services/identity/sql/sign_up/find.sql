select email, password_hash, name, locale, workspace_name, consents, address
from sign_ups
where id = $1
