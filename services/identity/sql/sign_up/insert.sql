insert into sign_ups (id, email, password_hash, name, locale, workspace_name, expires_at, consents, address)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
