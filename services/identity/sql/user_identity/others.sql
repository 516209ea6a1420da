select cast(count(*) as bigint)
from user_identities
where user_id = $1 and id <> $2
