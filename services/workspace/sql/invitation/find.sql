-- Across tenants: what the link holds is the predicate.
select workspace_id, invitation_id from invitations where token_sha256 = $1
