-- Of all workspaces: this finds out who speaks for a domain.
select c.id, c.workspace_id
from domains d
join sso_connections c on c.workspace_id = d.workspace_id
where d.domain = $1 and d.verified_at is not null and c.enforced
