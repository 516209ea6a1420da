-- The address of somebody who did not come is not kept for ever.
delete from invitations where expires_at < $1
