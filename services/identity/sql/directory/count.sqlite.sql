select count(*) as total
from directory_users
where workspace_id = $1 and deleted_at is null
    and ($2 is null or user_name = $2) and ($3 is null or external_id = $3)
    and ($4 is null or user_id in (select unhex(value, '-') from json_each($4)))
