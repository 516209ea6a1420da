-- One whose time is over makes room for another of the same address.
update invitations
set revoked_at = $3, next_at = null
where workspace_id = $1 and email = $2 and expires_at <= $3 and accepted_at is null and revoked_at is null
