select kind, version, url, accepted_at, address
from consents
where user_id = $1
order by accepted_at, id
