select kind, recipient, expires_at
from mails
where user_id = $1 or recipient = $2
order by expires_at, id
