-- In all workspaces: it is the person who asks.
select i.workspace_id, c.issuer, i.subject, i.email, i.created_at, i.last_used_at
from sso_identities i
join sso_connections c on c.id = i.connection_id and c.workspace_id = i.workspace_id
where i.user_id = $1
order by i.created_at
