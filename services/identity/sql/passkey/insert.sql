-- One that is somebody's already inserts nothing rather than failing: a failed statement would end the transaction on PostgreSQL.
insert into passkeys (id, user_id, credential_id, credential, sign_count, backup_eligible, backed_up, aaguid, transports, name, created_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
on conflict (credential_id) do nothing
