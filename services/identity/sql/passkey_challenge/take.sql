-- Of several answers to one challenge one gets it, whichever process is asked.
delete from passkey_challenges
where sha256 = $1 and expires_at > $2
returning purpose, session_id, state
