delete from answers where workspace_id = $1 and key_sha256 = $2 and holder = $3 and not done
