select id, user_id, credential, backup_eligible, backed_up, aaguid, transports, name, created_at, last_used_at
from passkeys
where credential_id = $1
