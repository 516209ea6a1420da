-- The generation that was read must still be the newest: of two at once one sends a letter.
update invitations
set generation = $4, token_sha256 = $5, asked_at = $6, expires_at = $7, attempts = 0, next_at = $6, sent_at = null
where workspace_id = $1 and invitation_id = $2 and generation = $3 and accepted_at is null and revoked_at is null
