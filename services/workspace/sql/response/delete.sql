delete from responses where workspace_id = $1 and response_id = $2 and until > $3
