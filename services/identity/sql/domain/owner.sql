-- Of all workspaces: this finds out whose it is.
select workspace_id from domains where domain = $1 and verified_at is not null
