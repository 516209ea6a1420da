select id, user_id
from user_identities
where issuer = $1 and subject = $2
