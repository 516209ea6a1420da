select invitation_id, email, role, locale, invited_by, created_at, expires_at, generation, asked_at, sent_at
from invitations
where workspace_id = $1 and invitation_id < $2 and accepted_at is null and revoked_at is null
order by invitation_id desc
limit $3
