-- As accept asks for it.
select invitation_id from invitations
where workspace_id = $1 and invitation_id = $2 and token_sha256 = $3 and expires_at > $4 and email = $5
    and accepted_at is null and revoked_at is null
