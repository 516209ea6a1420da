-- What became of a letter; nothing if another one was asked for meanwhile.
update invitations
set next_at = $4, sent_at = $5
where workspace_id = $1 and invitation_id = $2 and generation = $3 and accepted_at is null and revoked_at is null
