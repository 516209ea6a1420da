select id, user_id, credential, backup_eligible, backed_up, aaguid, transports, name, created_at, last_used_at
from passkeys
where user_id = $1
order by created_at, id
