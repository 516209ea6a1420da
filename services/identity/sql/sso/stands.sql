-- Of all workspaces: this finds out whether a connection and the domain of an address are still one workspace's.
select exists (
    select 1
    from domains d
    join sso_connections c on c.workspace_id = d.workspace_id
    where c.id = $1 and d.domain = $2 and d.verified_at is not null
)
