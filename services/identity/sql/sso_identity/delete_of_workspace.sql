delete from sso_identities where workspace_id = $1
