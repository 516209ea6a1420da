update passkeys
set name = $3
where id = $1 and user_id = $2
returning id, user_id, credential, backup_eligible, backed_up, aaguid, transports, name, created_at, last_used_at
