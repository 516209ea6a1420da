update invitations
set revoked_at = $3, next_at = null
where workspace_id = $1 and invitation_id = $2 and accepted_at is null and revoked_at is null
