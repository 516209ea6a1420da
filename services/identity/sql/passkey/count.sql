select count(*) as passkeys
from passkeys
where user_id = $1
