-- Whoever claims it has it until $2: of two processes the second finds that its time has moved.
update invitations
set attempts = attempts + 1, next_at = $2
where invitation_id = (select invitation_id from invitations where next_at <= $1 order by next_at, invitation_id limit 1)
    and next_at <= $1
returning invitation_id, workspace_id, email, role, locale, invited_by, expires_at, generation, token_sha256, attempts
