-- Across tenants: what the link holds is the predicate.
select i.workspace_id, i.invitation_id, i.role
from invitations i
join workspaces w on w.workspace_id = i.workspace_id
where i.token_sha256 = $1 and w.deleted_at is null
