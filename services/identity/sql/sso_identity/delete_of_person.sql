-- In all workspaces: the person goes.
delete from sso_identities where user_id = $1
