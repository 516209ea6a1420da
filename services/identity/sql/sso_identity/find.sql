select user_id from sso_identities where workspace_id = $1 and connection_id = $2 and subject = $3
