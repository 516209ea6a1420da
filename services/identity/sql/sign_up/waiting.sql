select email, name, locale
from sign_ups
where id = $1
