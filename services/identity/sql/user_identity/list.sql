select id, provider, issuer, email, created_at, last_used_at
from user_identities
where user_id = $1
order by created_at, id
