select done, sealed, until from answers where workspace_id = $1 and key_sha256 = $2
