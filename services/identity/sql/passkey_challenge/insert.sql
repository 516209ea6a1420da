insert into passkey_challenges (sha256, purpose, session_id, state, expires_at)
values ($1, $2, $3, $4, $5)
